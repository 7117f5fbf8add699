package dev.mtl.train.step;

import dev.mtl.core.nn.Precision;
import dev.mtl.torch.Autocast;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;

import org.jspecify.annotations.Nullable;

/**
 * The number format of the matrix products of a training pass.
 *
 * @param device that the pass runs on
 * @param precision {@link Precision#FP32} or {@link Precision#BF16}
 */
public record MixedPrecision(Device device, Precision precision) {
    /** Opens autocast on this thread; null, which closes nothing, for float32. */
    @Nullable Autocast open() {
        return precision == Precision.BF16 ? Autocast.open(device, DType.BFLOAT16) : null;
    }
}
