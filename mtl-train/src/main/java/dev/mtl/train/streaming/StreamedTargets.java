package dev.mtl.train.streaming;

import dev.mtl.core.head.Target;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.loading.RowExamples;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/** The targets of a task, read anew each time they are iterated, and not before. */
public final class StreamedTargets implements Iterable<Target>, AutoCloseable {
    private final Supplier<RowStream> rows;
    private final RowExamples examples;
    private final String task;
    private final List<RowStream> opened = new ArrayList<>();

    /**
     * Targets of rows.
     *
     * @param rows opens them
     */
    StreamedTargets(Supplier<RowStream> rows, RowExamples examples, String task) {
        this.rows = rows;
        this.examples = examples;
        this.task = task;
    }

    @Override
    public Iterator<Target> iterator() {
        var stream = rows.get();
        opened.add(stream);
        return new TargetIterator(stream);
    }

    /** Ends all iterations. */
    @Override
    public void close() {
        opened.forEach(RowStream::close);
    }

    private final class TargetIterator implements Iterator<Target> {
        private final RowStream stream;
        private @Nullable Target next;

        TargetIterator(RowStream stream) {
            this.stream = stream;
            next = find();
        }

        private @Nullable Target find() {
            for (var row = stream.next(); row != null; row = stream.next()) {
                try {
                    var example = examples.read(row.row().row(row.id())).example();
                    var target = example.targets().get(task);
                    if (target != null) {
                        return target;
                    }
                } catch (BadRowException e) {
                    // reported by the pass before
                }
            }
            return null;
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Target next() {
            var found = next;
            if (found == null) {
                throw new NoSuchElementException();
            }
            next = find();
            return found;
        }
    }
}
