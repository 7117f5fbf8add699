package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

/**
 * What LibTorch can say of CUDA; without CUDA in this LibTorch or machine, there are no devices.
 */
public final class Cuda {
    private Cuda() {}

    public static boolean isAvailable() {
        return deviceCount() > 0;
    }

    public static int deviceCount() {
        return LibTorch.get().cudaDeviceCount();
    }

    /** Waits for all that was started on a device. */
    public static void synchronize(int device) {
        if (device < 0 || device >= deviceCount()) {
            throw new IllegalArgumentException(
                    "no CUDA device " + device + "; LibTorch sees " + deviceCount());
        }
        LibTorchAbi._ZN5torch4cuda11synchronizeEl(device);
    }
}
