package dev.mtl.train.streaming;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * An approximate shuffle in little memory, as that of Hugging Face's {@code datasets}: a buffer is
 * filled, and each item that is drawn from it makes place for the next. An item may so come any
 * time later, but never more than the buffer's size earlier than in the order of the source.
 */
final class ShuffleBuffer<T> {
    private final Supplier<@Nullable T> source;
    private final int size;
    private final SplittableRandom random;
    private final List<T> buffer = new ArrayList<>();
    private boolean ended;

    /**
     * A shuffle of items.
     *
     * @param source gives the items, and null when there are no more
     * @param size of the buffer, 1 or more
     * @param random all that the order depends on besides
     */
    ShuffleBuffer(Supplier<@Nullable T> source, int size, SplittableRandom random) {
        this.source = source;
        this.size = size;
        this.random = random;
    }

    /** The next item; null if there are no more. */
    @Nullable T next() {
        while (!ended && buffer.size() < size) {
            var item = source.get();
            if (item == null) {
                ended = true;
            } else {
                buffer.add(item);
            }
        }
        if (buffer.isEmpty()) {
            return null;
        }
        int place = random.nextInt(buffer.size());
        var drawn = buffer.get(place);
        var last = buffer.removeLast();
        if (place < buffer.size()) {
            buffer.set(place, last);
        }
        return drawn;
    }
}
