package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

/**
 * Runs this thread's operators in a lower precision where that is safe, as {@code torch.autocast}
 * does: matrix products and attention in the lower precision, sums, softmax, normalization and
 * losses in FLOAT32. Must be closed on the same thread; cannot be nested.
 *
 * @see <a href="https://docs.pytorch.org/docs/stable/amp.html">what runs in which precision</a>
 */
public final class Autocast implements AutoCloseable {
    private static final ThreadLocal<Boolean> OPEN = ThreadLocal.withInitial(() -> false);

    private final byte deviceType;
    private final Thread thread = Thread.currentThread();

    private Autocast(byte deviceType) {
        this.deviceType = deviceType;
    }

    /**
     * Enables autocast on this thread.
     *
     * @param dtype {@link DType#BFLOAT16} or {@link DType#FLOAT16}, which is slow on a CPU
     * @throws IllegalArgumentException for another dtype
     * @throws IllegalStateException if autocast is enabled on this thread already, or the thread is
     *     virtual
     */
    public static Autocast open(Device device, DType dtype) {
        LibTorch.get();
        if (dtype != DType.BFLOAT16 && dtype != DType.FLOAT16) {
            throw new IllegalArgumentException(
                    "autocast to " + dtype + ": expected BFLOAT16 or FLOAT16");
        }
        if (OPEN.get() || Thread.currentThread().isVirtual()) {
            throw new IllegalStateException(
                    "autocast needs a platform thread on which it is not open yet");
        }
        var autocast = new Autocast((byte) device.type().code());
        LibTorchAbi._ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE(
                autocast.deviceType, (byte) dtype.code());
        LibTorchAbi._ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb(
                autocast.deviceType, true);
        OPEN.set(true);
        return autocast;
    }

    /** Whether autocast is enabled on this thread. */
    public static boolean isOpen() {
        return OPEN.get();
    }

    /** Disables autocast and drops the cached casts of weights, which the optimizer will change. */
    @Override
    public void close() {
        if (thread != Thread.currentThread()) {
            throw new WrongThreadException("this autocast belongs to " + thread.getName());
        }
        OPEN.remove();
        LibTorchAbi._ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb(deviceType, false);
        LibTorchAbi._ZN2at8autocast11clear_cacheEv();
    }
}
