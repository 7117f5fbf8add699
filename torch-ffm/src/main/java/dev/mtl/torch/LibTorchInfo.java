package dev.mtl.torch;

import dev.mtl.natives.LibTorchHome;

import java.nio.file.Path;
import java.util.List;

/**
 * The LibTorch that this process uses, in words for people.
 *
 * @param version such as {@code 2.10.0}
 * @param directory the absolute folder of its libraries
 * @param origin who brought them
 * @param openBlas whether its BLAS is OpenBLAS
 * @param cuda whether it was built with CUDA
 * @param cudaDevices how many CUDA devices it can use on this machine
 * @param errorReasons whether exceptions carry LibTorch's own reason; otherwise it prints the
 *     reason on stderr
 */
public record LibTorchInfo(
        String version,
        Path directory,
        LibTorchHome.Origin origin,
        boolean openBlas,
        boolean cuda,
        int cudaDevices,
        boolean errorReasons) {
    /**
     * Loads LibTorch if that has not happened yet.
     *
     * @throws LibTorchUnavailableException if there is none that can be used; the message says why
     *     and what to do
     */
    public static LibTorchInfo load() {
        var torch = LibTorch.get();
        return new LibTorchInfo(
                LibTorch.format(torch.version()),
                torch.home().directory(),
                torch.home().origin(),
                torch.hasOpenBlas(),
                torch.hasCuda(),
                torch.cudaDeviceCount(),
                !(torch.errorText() instanceof NativeErrorText.Printed));
    }

    /**
     * Compares the files with the checksums noted when they were unpacked; a few seconds.
     *
     * @return what is wrong, one line for each damaged file; empty if all is well or if LibTorch
     *     did not come from Maven
     */
    public List<String> verifyChecksums() {
        return LibTorch.get().home().verifyChecksums();
    }
}
