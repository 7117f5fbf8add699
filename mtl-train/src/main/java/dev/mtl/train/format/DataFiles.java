package dev.mtl.train.format;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files that a configuration names: one, or all that match a pattern. */
public final class DataFiles {
    private DataFiles() {}

    /**
     * The files of a value such as {@code train.csv}, {@code data/train-*.parquet} or {@code
     * {a,b}.conll}, in the order of their names.
     *
     * @return the one that is named, even if it is not there, or all that match
     * @throws ConfigurationException if none matches
     */
    public static List<Path> of(String value) {
        int sign = firstSign(value);
        if (sign < 0 || Files.exists(Path.of(value))) {
            return List.of(Path.of(value));
        }
        int slash = value.lastIndexOf('/', sign);
        var folder = Path.of(slash < 0 ? "" : value.substring(0, Math.max(1, slash)));
        var pattern = value.substring(slash + 1);
        int depth = (int) pattern.chars().filter(c -> c == '/').count() + 1;
        var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        var found = new ArrayList<Path>();
        try (var files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            files.filter(file -> matcher.matches(folder.relativize(file))).forEach(found::add);
        } catch (IOException e) {
            throw new MtlException(value + ": cannot be searched for: " + Reasons.of(e), e);
        }
        if (found.isEmpty()) {
            throw new ConfigurationException(value + ": no file matches");
        }
        found.sort(null);
        return found;
    }

    private static int firstSign(String value) {
        for (int i = 0; i < value.length(); i++) {
            if ("*?[{".indexOf(value.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }
}
