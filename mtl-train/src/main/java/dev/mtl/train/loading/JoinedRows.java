package dev.mtl.train.loading;

import dev.mtl.train.format.DataFormat.RawRow;
import dev.mtl.train.format.DataFormat.Rows;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The rows of several files, each of which is opened when the one before is at its end. */
final class JoinedRows implements Rows {
    private final List<Supplier<Rows>> files;
    private final List<String> passedOver = new ArrayList<>();
    private int next;
    private @Nullable Rows current;

    JoinedRows(List<Supplier<Rows>> files) {
        this.files = files;
    }

    @Override
    public @Nullable RawRow next() {
        while (true) {
            var open = current;
            if (open == null) {
                if (next == files.size()) {
                    return null;
                }
                open = files.get(next++).get();
                current = open;
            }
            var row = open.next();
            if (row != null) {
                return row;
            }
            open.passedOver().ifPresent(passedOver::add);
            close();
        }
    }

    @Override
    public Optional<String> passedOver() {
        return passedOver.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", passedOver));
    }

    @Override
    public void close() {
        var open = current;
        current = null;
        if (open != null) {
            open.close();
        }
    }
}
