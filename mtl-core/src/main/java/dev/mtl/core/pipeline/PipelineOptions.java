package dev.mtl.core.pipeline;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.plugin.HeadPlugins;
import dev.mtl.torch.Device;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Settings of a {@link Pipeline}. Null means a default.
 *
 * @param device {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}
 * @param precision of the backbone's linear layers, FP32, or INT8 on a CPU
 * @param maxLength the longest input in tokens, [CLS] and [SEP] included; null for the model's
 * @param tasks that predict; empty for all
 * @param topK how many labels {@link Analysis#labels} gives at most; null for all
 * @param maxQueuedTokens a call waits until no more than these are queued, its own included; one
 *     that has more by itself waits until the queue is empty
 * @param timeout of a call, its wait included; null for none
 * @param threads batches that run at once; null for one for each core of a CPU, one on a GPU
 * @param batchTokens the most tokens in a batch, padding included; null for what suits the device
 * @param heads the head types that models may name; null for those of the class path or module path
 */
public record PipelineOptions(
        String device,
        Precision precision,
        @Nullable Integer maxLength,
        List<String> tasks,
        @Nullable Integer topK,
        long maxQueuedTokens,
        @Nullable Duration timeout,
        @Nullable Integer threads,
        @Nullable Integer batchTokens,
        @Nullable HeadRegistry heads) {

    private static final long DEFAULT_QUEUED_TOKENS = 1 << 20;

    public PipelineOptions {
        tasks = List.copyOf(tasks);
        require(maxLength == null || maxLength >= 3, "maxLength", maxLength, "at least 3");
        require(topK == null || topK >= 1, "topK", topK, "positive");
        require(maxQueuedTokens >= 1, "maxQueuedTokens", maxQueuedTokens, "positive");
        require(
                timeout == null || timeout.isPositive(),
                "timeout",
                timeout,
                "positive, or null for none");
        require(threads == null || threads >= 1, "threads", threads, "positive");
        require(batchTokens == null || batchTokens >= 1, "batchTokens", batchTokens, "positive");
    }

    private static void require(
            boolean valid, String name, @Nullable Object value, String requirement) {
        if (!valid) {
            throw new ConfigurationException(
                    "%s is %s; it must be %s".formatted(name, value, requirement));
        }
    }

    /** All tasks in FP32 on a GPU if there is one, else on all cores; calls have no timeout. */
    public static PipelineOptions defaults() {
        return new PipelineOptions(
                "auto",
                Precision.FP32,
                null,
                List.of(),
                null,
                DEFAULT_QUEUED_TOKENS,
                null,
                null,
                null,
                null);
    }

    public PipelineOptions withDevice(String value) {
        return with(draft -> draft.device = value);
    }

    public PipelineOptions withPrecision(Precision value) {
        return with(draft -> draft.precision = value);
    }

    public PipelineOptions withMaxLength(@Nullable Integer value) {
        return with(draft -> draft.maxLength = value);
    }

    /** Only these tasks predict; none for all. */
    public PipelineOptions withTasks(String... names) {
        return withTasks(List.of(names));
    }

    /** Only these tasks predict; none for all. */
    public PipelineOptions withTasks(List<String> names) {
        return with(draft -> draft.tasks = names);
    }

    public PipelineOptions withTopK(@Nullable Integer value) {
        return with(draft -> draft.topK = value);
    }

    public PipelineOptions withMaxQueuedTokens(long value) {
        return with(draft -> draft.maxQueuedTokens = value);
    }

    public PipelineOptions withTimeout(@Nullable Duration value) {
        return with(draft -> draft.timeout = value);
    }

    public PipelineOptions withThreads(@Nullable Integer value) {
        return with(draft -> draft.threads = value);
    }

    public PipelineOptions withBatchTokens(@Nullable Integer value) {
        return with(draft -> draft.batchTokens = value);
    }

    /**
     * Adds heads of plugins to those of the class path or module path: jars, directories of jars,
     * or directories of compiled classes.
     *
     * @throws ConfigurationException if a plugin cannot be read or has no head
     */
    public PipelineOptions withPlugins(Path... plugins) {
        var known = heads == null ? HeadRegistry.load() : heads;
        return withHeads(known.with(HeadPlugins.find(List.of(plugins))));
    }

    /** The head types that models may name; null for those of the class path or module path. */
    public PipelineOptions withHeads(@Nullable HeadRegistry value) {
        return with(draft -> draft.heads = value);
    }

    /**
     * Where a model runs.
     *
     * @throws ConfigurationException if the precision is not for inference, or not for the device
     */
    Device chooseDevice() {
        return switch (precision) {
            case FP32 -> Devices.choose(device);
            case BF16 ->
                    throw new ConfigurationException(
                            "precision bf16 is for training; inference computes in fp32 or int8");
            case INT8 -> {
                if (!device.equals("auto") && !device.equals("cpu")) {
                    throw new ConfigurationException(
                            "precision int8 is for the CPU, not for device " + device);
                }
                yield Device.CPU;
            }
        };
    }

    private PipelineOptions with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.finish();
    }

    /** A value that is being changed. */
    private static final class Draft {
        private String device;
        private Precision precision;
        private @Nullable Integer maxLength;
        private List<String> tasks;
        private @Nullable Integer topK;
        private long maxQueuedTokens;
        private @Nullable Duration timeout;
        private @Nullable Integer threads;
        private @Nullable Integer batchTokens;
        private @Nullable HeadRegistry heads;

        Draft(PipelineOptions from) {
            device = from.device;
            precision = from.precision;
            maxLength = from.maxLength;
            tasks = from.tasks;
            topK = from.topK;
            maxQueuedTokens = from.maxQueuedTokens;
            timeout = from.timeout;
            threads = from.threads;
            batchTokens = from.batchTokens;
            heads = from.heads;
        }

        PipelineOptions finish() {
            return new PipelineOptions(
                    device,
                    precision,
                    maxLength,
                    tasks,
                    topK,
                    maxQueuedTokens,
                    timeout,
                    threads,
                    batchTokens,
                    heads);
        }
    }
}
