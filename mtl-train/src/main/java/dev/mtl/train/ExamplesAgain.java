package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.data.Example;

import java.util.Iterator;

/** The examples of an {@code Iterable}, which must give all of them each time it is iterated. */
final class ExamplesAgain implements Iterable<Example> {
    private final String name;
    private final Iterable<Example> examples;
    private boolean begun;
    private boolean any;

    /**
     * Examples of a program.
     *
     * @param name what messages call them
     */
    ExamplesAgain(String name, Iterable<Example> examples) {
        this.name = name;
        this.examples = examples;
    }

    /**
     * Begins anew.
     *
     * @throws ConfigurationException if there is nothing any more
     */
    @Override
    public synchronized Iterator<Example> iterator() {
        Iterator<Example> iterator;
        try {
            iterator = examples.iterator();
        } catch (IllegalStateException e) { // of a Stream, the second time
            if (begun) {
                throw new ConfigurationException(once(), e);
            }
            throw e;
        }
        boolean more = iterator.hasNext();
        if (begun && any && !more) {
            throw new ConfigurationException(once());
        }
        begun = true;
        any |= more;
        return iterator;
    }

    private String once() {
        return "the examples '"
                + name
                + "' can be iterated only once; streaming iterates them before training, and again"
                + " in each epoch: give an Iterable that begins anew each time, or leave"
                + " data.streaming out, and they are kept in memory";
    }
}
