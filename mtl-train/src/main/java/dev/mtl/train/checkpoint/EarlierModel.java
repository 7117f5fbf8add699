package dev.mtl.train.checkpoint;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The model that was in {@code output.dir} before a run. It is replaced only by who says so, or is
 * kept beside it, as {@code DIR.v1}, {@code DIR.v2} and so on.
 */
public final class EarlierModel {
    private final Path directory;
    private final int keep;
    private final boolean exists;
    private final Optional<ModelWriter.Scores> scores;
    private Optional<Path> kept = Optional.empty();
    private boolean replaced;

    /**
     * What is in a directory now.
     *
     * @param keep how many earlier models are kept; 0 for none
     */
    public EarlierModel(Path directory, int keep) {
        this.directory = directory;
        this.keep = keep;
        exists = ModelFiles.isModel(directory);
        scores = exists ? ModelFiles.scores(directory) : Optional.empty();
    }

    /**
     * Checks that a new run may replace the model.
     *
     * @throws ConfigurationException if there is one, which would be lost
     */
    public void requireKeptOr(boolean overwrite) {
        if (exists && keep == 0 && !overwrite) {
            throw new ConfigurationException(
                    directory
                            + " has a model already, which training would replace. --overwrite"
                            + " (in Java, overwrite(true)) replaces it, output.keep: 3 keeps the"
                            + " last three beside it, another output.dir (--output DIR) leaves it"
                            + " alone, and --resume continues its run");
        }
    }

    /**
     * Called before a model is written: keeps the earlier one, the first time.
     *
     * @throws MtlException if it cannot be copied
     */
    public void beforeSave() {
        if (replaced || !exists) {
            return;
        }
        replaced = true;
        if (keep > 0) {
            var versions = versions();
            int next = versions.isEmpty() ? 1 : number(versions.getLast()) + 1;
            var target = sibling(next);
            AtomicDirectory.replace(target, staging -> link(directory, staging));
            kept = Optional.of(target);
            versions.add(target);
            versions.subList(0, Math.max(0, versions.size() - keep))
                    .forEach(AtomicDirectory::delete);
        }
    }

    /** Whether there was a model, and {@link #beforeSave} has been called since. */
    public boolean isReplaced() {
        return replaced;
    }

    /** The scores that it was saved with. */
    public Optional<ModelWriter.Scores> scores() {
        return scores;
    }

    /** Where it is now; empty if it is not kept. */
    public Optional<Path> kept() {
        return kept;
    }

    private Path sibling(int version) {
        var target = directory.toAbsolutePath().normalize();
        return directory.resolveSibling(target.getFileName() + ".v" + version);
    }

    /** The models that were kept, the oldest first. */
    private List<Path> versions() {
        var target = directory.toAbsolutePath().normalize();
        var name = Pattern.compile(Pattern.quote(target.getFileName() + ".v") + "[1-9]\\d{0,8}");
        try (var siblings = Files.list(target.getParent())) {
            return new ArrayList<>(
                    siblings.filter(file -> name.matcher(file.getFileName().toString()).matches())
                            .filter(ModelFiles::isModel)
                            .sorted(Comparator.comparingInt(EarlierModel::number))
                            .toList());
        } catch (IOException e) {
            throw new MtlException(target.getParent() + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private static int number(Path version) {
        var name = version.getFileName().toString();
        return Integer.parseInt(name.substring(name.lastIndexOf('v') + 1));
    }

    /** Links all files, or copies them where the file system has no links. */
    private static void link(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.sorted().toList()) {
                var target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                    continue;
                }
                try {
                    Files.createLink(target, file);
                } catch (IOException | UnsupportedOperationException e) {
                    Files.copy(file, target);
                }
            }
        }
    }
}
