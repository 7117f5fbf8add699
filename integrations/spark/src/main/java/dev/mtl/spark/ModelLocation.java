package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.store.StoreSettings;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkFiles;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

import java.io.Serializable;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Where executors find a model. Equal if the names are.
 *
 * @param hadoop how file systems are reached; null if that is not needed
 */
record ModelLocation(String name, @Nullable SerializableConfiguration hadoop)
        implements Serializable {
    private static final String SPARK_FILES = "spark-files:";

    /** {@code hdfs:/...}; not {@code hf:org/name}, nor a drive of Windows. */
    private static final Pattern FILE_SYSTEM = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

    static ModelLocation of(String name, Configuration hadoop) {
        return new ModelLocation(
                name, isRemote(name) ? new SerializableConfiguration(hadoop) : null);
    }

    /** Whether a name is the URI of a Hadoop file system other than the local one. */
    static boolean isRemote(String name) {
        return FILE_SYSTEM.matcher(name).matches()
                && !name.startsWith(SPARK_FILES)
                && !name.startsWith("file:");
    }

    /**
     * The model's folder on this node, copied or downloaded first if need be.
     *
     * @throws ConfigurationException if there is no such model
     * @throws dev.mtl.core.MtlException if it cannot be read
     */
    ModelDirectory directory() {
        return ModelStore.standard().resolve(local());
    }

    private String local() {
        if (name.startsWith(SPARK_FILES)) {
            return sparkFile(name.substring(SPARK_FILES.length())).toString();
        }
        return hadoop == null
                ? withoutScheme(name)
                : NodeCopy.of(name, hadoop.value(), StoreSettings.standard().cache()).toString();
    }

    /** The path of {@code file:} URIs; other names as they are. */
    static String withoutScheme(String name) {
        return name.startsWith("file:") ? URI.create(name).getPath() : name;
    }

    private static Path sparkFile(String file) {
        var path = Path.of(SparkFiles.get(file));
        if (!Files.isDirectory(path)) {
            throw new ConfigurationException(
                    ("spark-files:%s: %s; give the archive to --archives (MODEL.tar.gz#NAME) or to"
                                    + " SparkContext.addArchive, which unpack it, or a folder of a"
                                    + " Hadoop file system to SparkContext.addFile(uri, true)")
                            .formatted(
                                    file,
                                    Files.exists(path)
                                            ? path + " is a file, not a folder"
                                            : "there is no folder " + path));
        }
        return path;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ModelLocation location && location.name.equals(name);
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(name);
    }
}
