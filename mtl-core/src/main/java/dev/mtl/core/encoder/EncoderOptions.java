package dev.mtl.core.encoder;

import dev.mtl.core.nn.Devices;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.torch.Device;
import dev.mtl.torch.processor.Tuning;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * Settings of a {@link SentenceEncoder}. Null means the value in the model's files.
 *
 * @param pooling null for the model's, and mean if it has none
 * @param normalization null for the model's, and none if it has none; what is given here is done
 *     last, after {@code truncateDim}, as by {@code normalize_embeddings} of sentence-transformers
 * @param maxLength the longest input in tokens, [CLS] and [SEP] included
 * @param longTexts what happens to texts that are longer
 * @param truncateDim how many dimensions of an embedding are kept, for models that were trained so
 *     that the first ones say most (Matryoshka); null for the model's, and all if it says nothing.
 *     A vector that the model has normalized is not normalized again, as in sentence-transformers
 * @param promptName the model's prompt that {@link SentenceEncoder#encode} puts before texts; null
 *     for its default prompt, which most models do not have
 * @param prompt this text instead; null for a prompt of the model
 * @param device where the model runs
 * @param workers batches that run at once, each on one core; on a CUDA device one worker is used
 * @param batchTokens the most tokens in a batch; on a CUDA device padding counts
 * @param precision of the linear layers, FP32 or INT8; INT8 on a CPU only
 */
public record EncoderOptions(
        @Nullable Pooling pooling,
        @Nullable Normalization normalization,
        @Nullable Integer maxLength,
        LongTexts longTexts,
        @Nullable Integer truncateDim,
        @Nullable String promptName,
        @Nullable String prompt,
        Device device,
        int workers,
        int batchTokens,
        Precision precision) {

    /** What happens to texts that are longer than the maximum length. */
    public enum LongTexts {
        /** Their end is cut off. */
        CUT,
        /**
         * They are read in windows; the embedding is the mean of the windows', weighted by their
         * tokens, then normalized as the model normalizes.
         */
        WINDOW
    }

    public EncoderOptions {
        if (workers < 1 || batchTokens < 1 || (maxLength != null && maxLength < 3)) {
            throw new IllegalArgumentException(
                    "workers and batchTokens are at least 1, maxLength at least 3");
        }
        if (workers > Devices.maxWorkers()) {
            throw new IllegalArgumentException(
                    "%d workers, but this machine has %d cores: at most %d"
                            .formatted(
                                    workers,
                                    Runtime.getRuntime().availableProcessors(),
                                    Devices.maxWorkers()));
        }
        if (truncateDim != null && truncateDim < 1) {
            throw new IllegalArgumentException("truncateDim is at least 1, not " + truncateDim);
        }
        if (promptName != null && prompt != null) {
            throw new IllegalArgumentException("one of promptName and prompt, not both");
        }
        if (precision == Precision.BF16) {
            throw new IllegalArgumentException(
                    "precision bf16 is for training; inference computes in fp32 or int8");
        }
        if (precision == Precision.INT8 && !device.isCpu()) {
            throw new IllegalArgumentException("precision int8 is for the CPU, not for " + device);
        }
    }

    /** The model's settings, on the CPU in FP32, with a worker for each core. */
    public static EncoderOptions defaults() {
        return new EncoderOptions(
                null,
                null,
                null,
                LongTexts.CUT,
                null,
                null,
                null,
                Device.CPU,
                Runtime.getRuntime().availableProcessors(),
                Tuning.current().batchTokens(),
                Precision.FP32);
    }

    public EncoderOptions withPooling(@Nullable Pooling value) {
        return with(draft -> draft.pooling = value);
    }

    public EncoderOptions withNormalization(@Nullable Normalization value) {
        return with(draft -> draft.normalization = value);
    }

    public EncoderOptions withMaxLength(@Nullable Integer value) {
        return with(draft -> draft.maxLength = value);
    }

    public EncoderOptions withLongTexts(LongTexts value) {
        return with(draft -> draft.longTexts = value);
    }

    public EncoderOptions withTruncateDim(@Nullable Integer value) {
        return with(draft -> draft.truncateDim = value);
    }

    /** The same with one of the model's prompts; takes the place of {@link #prompt}. */
    public EncoderOptions withPromptName(@Nullable String value) {
        return with(
                draft -> {
                    draft.promptName = value;
                    draft.prompt = null;
                });
    }

    /** The same with this prompt; takes the place of {@link #promptName}. */
    public EncoderOptions withPrompt(@Nullable String value) {
        return with(
                draft -> {
                    draft.promptName = null;
                    draft.prompt = value;
                });
    }

    /** The same on another device, with that device's default batch size. */
    public EncoderOptions withDevice(Device value) {
        return with(
                draft -> {
                    draft.device = value;
                    draft.batchTokens =
                            value.isCpu()
                                    ? Tuning.current().batchTokens()
                                    : Tuning.current().cudaBatchTokens();
                });
    }

    public EncoderOptions withWorkers(int value) {
        return with(draft -> draft.workers = value);
    }

    public EncoderOptions withPrecision(Precision value) {
        return with(draft -> draft.precision = value);
    }

    private EncoderOptions with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** Options that are being changed. */
    private static final class Draft {
        private @Nullable Pooling pooling;
        private @Nullable Normalization normalization;
        private @Nullable Integer maxLength;
        private LongTexts longTexts;
        private @Nullable Integer truncateDim;
        private @Nullable String promptName;
        private @Nullable String prompt;
        private Device device;
        private int workers;
        private int batchTokens;
        private Precision precision;

        Draft(EncoderOptions from) {
            pooling = from.pooling;
            normalization = from.normalization;
            maxLength = from.maxLength;
            longTexts = from.longTexts;
            truncateDim = from.truncateDim;
            promptName = from.promptName;
            prompt = from.prompt;
            device = from.device;
            workers = from.workers;
            batchTokens = from.batchTokens;
            precision = from.precision;
        }

        EncoderOptions options() {
            return new EncoderOptions(
                    pooling,
                    normalization,
                    maxLength,
                    longTexts,
                    truncateDim,
                    promptName,
                    prompt,
                    device,
                    workers,
                    batchTokens,
                    precision);
        }
    }
}
