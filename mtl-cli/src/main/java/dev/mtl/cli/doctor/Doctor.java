package dev.mtl.cli.doctor;

import com.sun.management.OperatingSystemMXBean;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.JdkFaults;
import dev.mtl.core.store.ModelStore;
import dev.mtl.core.store.ModelStore.StoredModel;
import dev.mtl.core.store.StoreSettings;
import dev.mtl.core.tokenizer.huggingface.TokenizerInfo;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.processor.Tuning;
import dev.mtl.torch.runtime.LibTorchInfo;
import dev.mtl.torch.runtime.Threads;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Checks everything that MTL needs, independently, so that one failure hides no other. */
public final class Doctor {
    /** Training a BERT-base needs more than this. */
    private static final double LEAST_MEMORY_GB = 4;

    /** Room for LibTorch, unpacked, and a model, downloaded and converted. */
    private static final double LEAST_DISK_GB = 2;

    /** Exists on Linux if an NVIDIA driver is loaded. */
    private static final Path NVIDIA_DRIVER = Path.of("/proc/driver/nvidia/version");

    private final StoreSettings settings;
    private final ModelStore store;
    private final Map<String, String> environment;
    private final boolean verify;
    private final List<Finding> findings = new ArrayList<>();

    /**
     * Prepares the checks.
     *
     * @param verify whether to compare files with their checksums
     */
    public Doctor(
            StoreSettings settings,
            ModelStore store,
            Map<String, String> environment,
            boolean verify) {
        this.settings = settings;
        this.store = store;
        this.environment = environment;
        this.verify = verify;
    }

    /** Runs all checks, in the order in which their subjects depend on each other. */
    public List<Finding> examine() {
        jdk();
        memory();
        cache();
        processor();
        libTorch().ifPresent(this::devices);
        tokenizers();
        models();
        return List.copyOf(findings);
    }

    private void jdk() {
        var text =
                "%s %s in %s"
                        .formatted(
                                System.getProperty("java.vendor"),
                                Runtime.version(),
                                System.getProperty("java.home"));
        JdkFaults.ofThisProcess()
                .ifPresent(advice -> findings.add(Finding.warning("jdk fault", text, advice)));
        var module = Tensor.class.getModule();
        findings.add(
                module.isNativeAccessEnabled()
                        ? Finding.ok("jdk", text)
                        : Finding.warning(
                                "jdk",
                                text + ", native access not enabled",
                                "start Java with --enable-native-access="
                                        + (module.isNamed()
                                                ? "dev.mtl.torch,ai.djl.tokenizers"
                                                : "ALL-UNNAMED, as ./mtl does")));
    }

    private void memory() {
        var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double total = system.getTotalMemorySize() / 1e9;
        var text =
                String.format(
                        Locale.ROOT,
                        "%.1f GB, %.1f GB free; Java heap up to %.1f GB (tensors live outside"
                                + " of it)",
                        total,
                        system.getFreeMemorySize() / 1e9,
                        Runtime.getRuntime().maxMemory() / 1e9);
        findings.add(
                total >= LEAST_MEMORY_GB
                        ? Finding.ok("memory", text)
                        : Finding.warning(
                                "memory",
                                text,
                                "training BERT-base needs more than 4 GB: use all-MiniLM-L6-v2, a"
                                        + " smaller training.batch_size, or training.freezing"));
    }

    private void cache() {
        var root = settings.cache();
        try {
            Files.createDirectories(root);
            Files.delete(Files.createTempFile(root, ".doctor", ""));
            double free = root.toFile().getUsableSpace() / 1e9;
            var text =
                    String.format(
                            Locale.ROOT,
                            "%s: libtorch %.0f MB, models %.0f MB; %.1f GB of disk free",
                            root,
                            megabytes(root.resolve("libtorch")),
                            megabytes(settings.models()),
                            free);
            findings.add(
                    free >= LEAST_DISK_GB
                            ? Finding.ok("cache", text)
                            : Finding.warning(
                                    "cache",
                                    text,
                                    "models may not fit: free some space, or set MTL_CACHE to a"
                                            + " folder on another disk"));
        } catch (IOException | UncheckedIOException e) {
            findings.add(
                    Finding.problem(
                            "cache",
                            root + ": cannot be written: " + e,
                            Optional.of("set MTL_CACHE to a folder that can be written")));
        }
    }

    private static double megabytes(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (var files = Files.walk(folder)) {
            return files.map(Path::toFile).filter(f -> f.isFile()).mapToLong(f -> f.length()).sum()
                    / 1e6;
        }
    }

    private Optional<LibTorchInfo> libTorch() {
        try {
            var torch = LibTorchInfo.load();
            var origin = torch.fromMaven() ? "from Maven" : "named by LIBTORCH_HOME";
            var damage = verify ? torch.verifyChecksums() : List.<String>of();
            var verified = verify && torch.fromMaven() ? ", files verified" : "";
            findings.add(
                    damage.isEmpty()
                            ? Finding.ok(
                                    "libtorch",
                                    "%s in %s (%s%s)"
                                            .formatted(
                                                    torch.version(),
                                                    torch.directory(),
                                                    origin,
                                                    verified))
                            : Finding.problem(
                                    "libtorch",
                                    String.join("; ", damage),
                                    Optional.of(
                                            "delete "
                                                    + torch.directory()
                                                    + "; it is unpacked again")));
            return Optional.of(torch);
        } catch (TorchException | LinkageError e) {
            findings.add(Finding.problem("libtorch", message(e), Optional.empty()));
            return Optional.empty();
        }
    }

    private void processor() {
        findings.add(Finding.ok("processor", Tuning.processor().describe()));
        var tuning = Tuning.current();
        var processors = Tuning.currentClass();
        findings.add(
                Finding.ok(
                        "tuning",
                        "%s%s: batches of %d tokens, layers packed for %d rows up to %d inputs, norms in place up to %d rows, micro-batches of %d texts, unpadded from %.0f %% padding"
                                .formatted(
                                        processors.name().toLowerCase(Locale.ROOT),
                                        Tuning.isMeasured(processors) ? "" : " (not measured)",
                                        tuning.batchTokens(),
                                        tuning.packingRows(),
                                        tuning.packingMaxInputs(),
                                        tuning.inPlaceNormRows(),
                                        tuning.trainingBatch(),
                                        100 * tuning.unpaddingShare())));
    }

    private void devices(LibTorchInfo torch) {
        int cores = Runtime.getRuntime().availableProcessors();
        var omp = environment.get("OMP_NUM_THREADS");
        findings.add(
                Finding.ok(
                        "cpu",
                        "%s %s, %d cores, one worker each; LibTorch's default is %d threads%s"
                                .formatted(
                                        System.getProperty("os.name"),
                                        System.getProperty("os.arch"),
                                        cores,
                                        Threads.ofThisThread(),
                                        omp == null ? "" : " (OMP_NUM_THREADS=" + omp + ")")));
        if (torch.cudaDevices() > 0) {
            findings.add(Finding.ok("cuda", torch.cudaDevices() + " devices"));
        } else if (torch.cuda()) {
            findings.add(
                    Finding.warning(
                            "cuda",
                            "no device, though this LibTorch is built for CUDA",
                            "check the GPU with nvidia-smi; LibTorch needs an NVIDIA driver, cuDNN"
                                    + " 9 and the CUDA 13 runtime"));
        } else if (Files.exists(NVIDIA_DRIVER)) {
            findings.add(
                    Finding.warning(
                            "cuda",
                            "this machine has an NVIDIA driver, but this LibTorch is built for the"
                                    + " CPU",
                            "LIBTORCH=cuda ./mtl builds for CUDA; or set LIBTORCH_HOME"));
        } else {
            findings.add(Finding.ok("cuda", "none; this LibTorch is built for the CPU"));
        }
    }

    private void tokenizers() {
        try {
            var info = TokenizerInfo.load();
            var damage = verify ? info.damage() : List.<String>of();
            var text =
                    "%s, %s, in %s%s"
                            .formatted(
                                    info.version(),
                                    info.flavor(),
                                    info.directory(),
                                    verify ? " (file verified)" : "");
            if (!damage.isEmpty()) {
                findings.add(
                        Finding.problem(
                                "tokenizers",
                                String.join("; ", damage),
                                Optional.of("start again; it is unpacked again")));
            } else if (info.bundled()) {
                findings.add(Finding.ok("tokenizers", text));
            } else {
                findings.add(
                        Finding.warning(
                                "tokenizers",
                                text + ": not the build in the artifact",
                                "unset RUST_FLAVOR"));
            }
        } catch (MtlException e) {
            findings.add(Finding.problem("tokenizers", message(e), Optional.empty()));
        }
    }

    private void models() {
        try {
            var models = store.list().stream().filter(m -> m.directory().isPresent()).toList();
            models.forEach(this::model);
            if (models.isEmpty()) {
                findings.add(
                        Finding.ok(
                                "models",
                                "none in the cache; they are downloaded on first use, or by mtl"
                                        + " models pull NAME"));
            }
        } catch (MtlException e) {
            findings.add(Finding.problem("models", message(e), Optional.empty()));
        }
    }

    private void model(StoredModel model) {
        var text =
                String.format(
                        Locale.ROOT,
                        "%.0f MB in %s",
                        model.bytes() / 1e6,
                        model.directory().orElseThrow());
        try {
            if (verify) {
                store.verify(model.name());
            }
            findings.add(
                    Finding.ok(
                            "model " + model.name(), text + (verify ? " (files verified)" : "")));
        } catch (MtlException e) {
            findings.add(Finding.problem("model " + model.name(), message(e), Optional.empty()));
        }
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
