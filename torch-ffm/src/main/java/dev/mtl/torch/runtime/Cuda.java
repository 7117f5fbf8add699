package dev.mtl.torch.runtime;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

/** CUDA devices: none if this LibTorch or this machine has no CUDA. */
public final class Cuda {
    private Cuda() {}

    /** Whether there is at least one device. */
    public static boolean isAvailable() {
        return deviceCount() > 0;
    }

    /** The number of devices that LibTorch can use. */
    public static int deviceCount() {
        return LibTorch.get().cudaDeviceCount();
    }

    /** Waits until all work queued on a device is done. */
    public static void synchronize(int device) {
        if (device < 0 || device >= deviceCount()) {
            throw new IllegalArgumentException(
                    "no CUDA device " + device + "; the number of devices is " + deviceCount());
        }
        LibTorchAbi._ZN5torch4cuda11synchronizeEl(device);
    }
}
