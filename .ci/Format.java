import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.spi.ToolProvider;

/**
 * The formatter check of the build: google-java-format in AOSP style over every Java file that is
 * not generated.
 *
 * <p>A separate program, because google-java-format parses with the compiler of the JDK that it
 * runs on: Maven may run on JDK 17, the sources are Java 25. Files that were formatted at the last
 * call (same size and modification time) are not read again; they are listed in a file in {@code
 * target/}.
 *
 * <pre>java --add-exports=... -cp google-java-format-all-deps.jar .ci/Format.java check|apply ROOT
 * </pre>
 */
final class Format {
    private static final Set<String> SKIPPED = Set.of("target", ".git", "runs");
    private static final Set<Path> GENERATED =
            Set.of(Path.of("dev", "mtl", "torch", "abi"), Path.of("dev", "mtl", "mpi", "abi"));
    private static final String APPLY = "mvn -q -Pformat validate";

    public static void main(String[] args) throws IOException {
        if (args.length != 2 || !Set.of("check", "apply").contains(args[0])) {
            System.err.println("usage: Format.java check|apply ROOT");
            System.exit(2);
        }
        Path root = Path.of(args[1]).toAbsolutePath().normalize();
        Path memory = root.resolve("target").resolve("formatted.txt");

        TreeMap<String, Path> files = new TreeMap<>();
        for (Path file : javaFiles(root)) {
            files.put(fingerprint(root, file), file);
        }
        TreeMap<String, Path> unknown = new TreeMap<>(files);
        if (Files.exists(memory)) {
            Files.readAllLines(memory).forEach(unknown::remove);
        }
        Set<Path> bad = Set.of();
        if (!unknown.isEmpty()) {
            List<Path> changed = List.copyOf(unknown.values());
            bad = args[0].equals("apply") ? apply(root, changed) : check(root, changed);
        }
        TreeSet<String> known = new TreeSet<>();
        for (Path file : files.values()) {
            if (!bad.contains(file)) {
                known.add(fingerprint(root, file));
            }
        }
        Files.createDirectories(memory.getParent());
        Files.write(memory, known);
        if (!bad.isEmpty()) {
            System.exit(1);
        }
    }

    /** How often files are formatted at most: the parts of a split string may move once more. */
    private static final int ROUNDS = 4;

    /**
     * Formats files until nothing changes; returns those that still change, or that the tool
     * rejected with a message.
     */
    private static Set<Path> apply(Path root, List<Path> files) {
        Set<Path> rest = Set.copyOf(files);
        for (int round = 0; round < ROUNDS && !rest.isEmpty(); round++) {
            List<Path> these = List.copyOf(rest);
            if (format(List.of("--aosp", "--replace"), these, new StringBuilder()) != 0) {
                return rest;
            }
            rest = unformatted(these);
        }
        rest.forEach(file -> System.err.println("cannot be formatted: " + root.relativize(file)));
        return rest;
    }

    /** Returns the files that are not formatted, or all if one could not be read. */
    private static Set<Path> check(Path root, List<Path> files) {
        Set<Path> unformatted = unformatted(files);
        for (Path file : unformatted) {
            System.err.println("not formatted: " + root.relativize(file) + "; run: " + APPLY);
        }
        return unformatted;
    }

    private static Set<Path> unformatted(List<Path> files) {
        StringBuilder out = new StringBuilder();
        int status = format(List.of("--aosp", "--dry-run", "--set-exit-if-changed"), files, out);
        List<Path> unformatted = out.toString().lines().map(Path::of).toList();
        return Set.copyOf(status != 0 && unformatted.isEmpty() ? files : unformatted);
    }

    /** Runs google-java-format; what it prints on stdout goes to {@code out}. */
    private static int format(List<String> options, List<Path> files, StringBuilder out) {
        ToolProvider tool =
                ToolProvider.findFirst("google-java-format")
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "google-java-format is not on the class path"));
        List<String> arguments = new ArrayList<>(options);
        files.forEach(file -> arguments.add(file.toString()));
        var stdout = new java.io.StringWriter();
        int status =
                tool.run(
                        new java.io.PrintWriter(stdout),
                        new java.io.PrintWriter(System.err, true, StandardCharsets.UTF_8),
                        arguments.toArray(String[]::new));
        out.append(stdout);
        return status;
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(
                root,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) {
                        return SKIPPED.contains(folder.getFileName().toString())
                                        || GENERATED.stream().anyMatch(folder::endsWith)
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.toString().endsWith(".java")) {
                            found.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return found;
    }

    private static String fingerprint(Path root, Path file) {
        try {
            return root.relativize(file)
                    + " "
                    + Files.size(file)
                    + " "
                    + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
