package dev.mtl.train.optim;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Parameters divided among processes, each of which updates about as many elements (ZeRO-1,
 * Rajbhandari et al. 2020): those of all parameters in a row, cut into ranges.
 */
public final class Shards {
    /** A piece has whole vectors of the update's kernel: its bits are those of the whole tensor. */
    private static final long ALIGNMENT = 64;

    private final int rank;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<@Nullable Piece> own = new ArrayList<>();

    /**
     * The elements of a parameter that a process updates.
     *
     * @param parameter its place among all
     * @param from the first element
     * @param to exclusive
     * @param owner the rank of the process
     */
    public record Piece(int parameter, long from, long to, int owner) {}

    /**
     * Divides parameters.
     *
     * @param elements the number of elements of each parameter
     * @param rank of this process
     */
    public Shards(List<Long> elements, int processes, int rank) {
        this.rank = rank;
        long all = elements.stream().mapToLong(Long::longValue).sum();
        long before = 0;
        for (int i = 0; i < elements.size(); i++) {
            long count = elements.get(i);
            own.add(null);
            for (int process = 0; process < processes; process++) {
                long from = boundary(all * process / processes - before, count);
                long to =
                        process == processes - 1
                                ? count
                                : boundary(all * (process + 1) / processes - before, count);
                if (from < to) {
                    add(new Piece(i, from, to, process));
                }
            }
            before += count;
        }
    }

    private static long boundary(long element, long count) {
        return Math.clamp(element / ALIGNMENT * ALIGNMENT, 0, count);
    }

    private void add(Piece piece) {
        pieces.add(piece);
        if (piece.owner() == rank) {
            own.set(piece.parameter(), piece);
        }
    }

    /** The pieces of all processes, those of a parameter in order. */
    public List<Piece> pieces() {
        return List.copyOf(pieces);
    }

    /** The piece of a parameter that this process updates; null if it updates none of it. */
    public @Nullable Piece own(int parameter) {
        return own.get(parameter);
    }
}
