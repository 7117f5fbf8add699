package dev.mtl.core.tokenizer.huggingface;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.UserFolders;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Holds DJL to the tokenizers in its jar. Where it sees CUDA 12.2 or later, it would download a
 * flavour built for that, which no tokenizer of ours needs; and it asks the machine's cloud for its
 * region to count its users. DJL reads an environment variable before the property of the same
 * name, so that a variable that says otherwise can only be refused.
 *
 * <p>It also keeps DJL from loading the CUDA runtime that the system has, to count GPUs. JNA would
 * load it for all libraries to see, and LibTorch's kernels, known to the runtime that LibTorch
 * brings, would be launched by the other one: {@code CUDA error: invalid resource handle}.
 *
 * <p>A JNI library belongs to the class loader that loaded it. Every further class loader of the
 * process that has an MTL loads a copy of its own, from another folder.
 */
final class BundledTokenizers {
    static final String FLAVOR = "RUST_FLAVOR";
    private static final String LIBRARY = "RUST_LIBRARY_PATH";
    private static final String OFFLINE = "ai.djl.offline";
    private static final String NO_COUNTING = "OPT_OUT_TRACKING";
    private static final String CACHE = "ENGINE_CACHE_DIR";
    private static final String OTHER_CACHE = "DJL_CACHE_DIR";
    private static final String OTHER_PROCESS = "ai.djl.util.cuda.fork";

    /** A system property, shared by all class loaders: how many have loaded the library. */
    private static final String CLASS_LOADERS = "mtl.tokenizers.classLoaders";

    /** Which of them this one is, from 1; 0 before it loads the library. */
    private static final AtomicInteger CLASS_LOADER = new AtomicInteger();

    private BundledTokenizers() {}

    /**
     * Unpacks and loads the library if that has not happened yet.
     *
     * @return the folder that it was unpacked into
     * @throws ConfigurationException if a variable asks for another library
     * @throws MtlException if it cannot be unpacked or loaded
     */
    static synchronized Path load() {
        prepare(System.getenv(), System.getProperties());
        hideCuda();
        boolean first = CLASS_LOADER.get() == 0;
        int number = CLASS_LOADER.updateAndGet(known -> known > 0 ? known : nextClassLoader());
        if (number == 1) {
            return loadFromCache(first);
        }
        var copy = Utils.getEngineCacheDir("tokenizers").resolve("class-loader-" + number);
        var before = System.setProperty(CACHE, copy.toString());
        try {
            return loadFromCache(first);
        } finally {
            restore(CACHE, before);
        }
    }

    private static int nextClassLoader() {
        var count =
                System.getProperties()
                        .merge(
                                CLASS_LOADERS,
                                "1",
                                (n, _) -> String.valueOf(Integer.parseInt((String) n) + 1));
        return Integer.parseInt((String) count);
    }

    /** Unpacks and loads the library on the first call; DJL remembers whether that worked. */
    private static Path loadFromCache(boolean first) {
        var folder = Utils.getEngineCacheDir("tokenizers");
        // DJL looks for its jar in the thread's class loader, which need not see it.
        var thread = Thread.currentThread();
        var before = thread.getContextClassLoader();
        thread.setContextClassLoader(BundledTokenizers.class.getClassLoader());
        try {
            if (first) {
                TokenizerLibrary.removeDamaged(folder);
            }
            LibUtils.checkStatus();
        } catch (MtlException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            var reason = String.valueOf(Objects.requireNonNullElse(e.getCause(), e).getMessage());
            throw new MtlException(
                    "the tokenizers library cannot be unpacked into "
                            + folder
                            + ", or not be loaded from there: "
                            + reason
                            + "; "
                            + advice(reason),
                    e);
        } finally {
            thread.setContextClassLoader(before);
        }
        return folder;
    }

    private static String advice(String reason) {
        return reason.contains("already loaded in another classloader")
                ? "unset the variable "
                        + CACHE
                        + ", so that each class loader gets a copy, or put MTL and DJL into a class"
                        + " loader that their users share"
                : "set MTL_CACHE to a folder that can be written and may hold executable files";
    }

    private static void restore(String property, @Nullable String before) {
        if (before == null) {
            System.clearProperty(property);
        } else {
            System.setProperty(property, before);
        }
    }

    /**
     * DJL's class for CUDA loads the runtime when it is initialized, unless it is told to ask a JVM
     * of its own; without the runtime, and told nothing, it says that there is no GPU.
     */
    private static void hideCuda() {
        var before = System.setProperty(OTHER_PROCESS, "true");
        try {
            MethodHandles.lookup().ensureInitialized(CudaUtils.class);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e); // a public class
        } finally {
            restore(OTHER_PROCESS, before);
        }
    }

    /**
     * Must run before any class of DJL loads its library.
     *
     * @throws ConfigurationException if a variable asks for another library
     */
    static void prepare(Map<String, String> environment, Properties properties) {
        var flavor = environment.getOrDefault(FLAVOR, "");
        if (!flavor.isEmpty() && !flavor.equals("cpu")) {
            throw new ConfigurationException(
                    FLAVOR
                            + "="
                            + flavor
                            + " asks DJL to download tokenizers; MTL uses those in DJL's jar:"
                            + " unset it, or set it to cpu");
        }
        if (!environment.getOrDefault(LIBRARY, "").isEmpty()) {
            throw new ConfigurationException(
                    LIBRARY
                            + "="
                            + environment.get(LIBRARY)
                            + " asks DJL for other tokenizers; MTL uses those in DJL's jar:"
                            + " unset it");
        }
        properties.setProperty(FLAVOR, "cpu");
        properties.setProperty(NO_COUNTING, "true");
        properties.putIfAbsent(OFFLINE, "true");
        if (!isSet(CACHE, environment, properties)
                && !isSet(OTHER_CACHE, environment, properties)) {
            var home = Path.of(System.getProperty("user.home"));
            useCacheFolder(UserFolders.mtlCache(environment, home), properties);
        }
    }

    /** All that can be made again lies in one folder; where it cannot, DJL finds another. */
    private static void useCacheFolder(Path root, Properties properties) {
        try {
            Files.createDirectories(root);
        } catch (IOException e) {
            return;
        }
        if (Files.isWritable(root) || Files.isDirectory(root.resolve("tokenizers"))) {
            properties.setProperty(CACHE, root.toString());
        }
    }

    private static boolean isSet(
            String name, Map<String, String> environment, Properties properties) {
        return !environment.getOrDefault(name, "").isEmpty()
                || !properties.getProperty(name, "").isEmpty();
    }
}
