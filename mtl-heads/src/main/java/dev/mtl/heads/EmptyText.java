package dev.mtl.heads;

import dev.mtl.core.head.HeadBatch;

/** Texts without words, about which a label says nothing. */
public final class EmptyText {
    private EmptyText() {}

    /** Whether no text of an example, from 0, has a word. */
    public static boolean is(HeadBatch batch, int example) {
        int from = example * batch.textsPerExample();
        return batch.texts().subList(from, from + batch.textsPerExample()).stream()
                .allMatch(text -> text.words().isEmpty());
    }
}
