package dev.mtl.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder as Spark's distribution has it: the jars of the class path that are Spark's. */
final class SparkHome {
    private static final List<String> NOT_SPARKS =
            List.of(
                    "/dev/mtl/",
                    "/dev/hardwood/",
                    "/ai/djl/",
                    "/org/bytedeco/",
                    "/org/yaml/",
                    "/commons-csv/",
                    "/org/junit/",
                    "/org/assertj/");

    private SparkHome() {}

    static void create(Path home) throws IOException {
        var jars = Files.createDirectories(home.resolve("jars"));
        for (var entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            var file = Path.of(entry);
            var link = jars.resolve(file.getFileName());
            if (isSparks(file) && !Files.exists(link)) {
                Files.createSymbolicLink(link, file.toAbsolutePath());
            }
        }
    }

    private static boolean isSparks(Path file) {
        var unixPath = file.toString().replace(File.separatorChar, '/');
        return Files.isRegularFile(file)
                && !unixPath.contains("/target/")
                && NOT_SPARKS.stream().noneMatch(unixPath::contains);
    }
}
