package dev.mtl.core.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/** Data sets and reference figures that stand beside a checkout, in {@code ../shared}. */
public final class SharedFiles {
    private SharedFiles() {}

    /**
     * A folder of {@code shared}: the one beside the nearest directory upwards that has one; the
     * test is skipped where there is none.
     */
    public static Path require(String name) {
        if (name.equals("data") && System.getenv("MTL_DATA") != null) {
            return Path.of(System.getenv("MTL_DATA")).toAbsolutePath();
        }
        for (var at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            var folder = at.resolve("shared").resolve(name);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        return abort(
                "needs the folder shared/"
                        + name
                        + " beside the checkout"
                        + (name.equals("data") ? ", or MTL_DATA" : ""));
    }
}
