package dev.mtl.core.encoder;

import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;
import dev.mtl.torch.Device;
import dev.mtl.torch.processor.Tuning;

import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link SentenceEncoder}. Null means the value in the model's files.
 *
 * @param pooling null for the model's, and mean if it has none
 * @param normalization null for the model's, and none if it has none
 * @param maxLength the longest input in tokens, [CLS] and [SEP] included; longer texts are cut
 * @param device where the model runs
 * @param workers batches that run at once, each on one core; on a CUDA device one worker is used
 * @param batchTokens the most tokens in a batch, padding included
 * @param precision of the linear layers, FP32 or INT8; INT8 on a CPU only
 */
public record EncoderOptions(
        @Nullable Pooling pooling,
        @Nullable Normalization normalization,
        @Nullable Integer maxLength,
        Device device,
        int workers,
        int batchTokens,
        Precision precision) {

    public EncoderOptions {
        if (workers < 1 || batchTokens < 1 || (maxLength != null && maxLength < 3)) {
            throw new IllegalArgumentException(
                    "workers and batchTokens are at least 1, maxLength at least 3");
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
                Device.CPU,
                Runtime.getRuntime().availableProcessors(),
                Tuning.current().batchTokens(),
                Precision.FP32);
    }

    public EncoderOptions withPooling(@Nullable Pooling value) {
        return new EncoderOptions(
                value, normalization, maxLength, device, workers, batchTokens, precision);
    }

    public EncoderOptions withNormalization(@Nullable Normalization value) {
        return new EncoderOptions(
                pooling, value, maxLength, device, workers, batchTokens, precision);
    }

    public EncoderOptions withMaxLength(@Nullable Integer value) {
        return new EncoderOptions(
                pooling, normalization, value, device, workers, batchTokens, precision);
    }

    /** The same on another device, with that device's default batch size. */
    public EncoderOptions withDevice(Device value) {
        return new EncoderOptions(
                pooling,
                normalization,
                maxLength,
                value,
                workers,
                value.isCpu() ? Tuning.current().batchTokens() : Tuning.current().cudaBatchTokens(),
                precision);
    }

    public EncoderOptions withWorkers(int value) {
        return new EncoderOptions(
                pooling, normalization, maxLength, device, value, batchTokens, precision);
    }

    public EncoderOptions withPrecision(Precision value) {
        return new EncoderOptions(
                pooling, normalization, maxLength, device, workers, batchTokens, value);
    }
}
