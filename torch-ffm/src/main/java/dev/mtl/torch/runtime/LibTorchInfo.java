package dev.mtl.torch.runtime;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.natives.NativeLibraryException;
import dev.mtl.torch.error.LibTorchUnavailableException;
import dev.mtl.torch.loading.LibTorch;
import dev.mtl.torch.loading.NativeErrorText;

import java.nio.file.Path;
import java.util.List;

/**
 * The LibTorch that this process uses.
 *
 * @param version such as {@code 2.10.0}
 * @param directory the absolute path of the folder with its libraries
 * @param fromMaven whether the libraries were unpacked from Maven artifacts; otherwise the
 *     environment variable {@code LIBTORCH_HOME} names them
 * @param openBlas whether its BLAS is OpenBLAS
 * @param cuda whether it was built with CUDA
 * @param cudaDevices the number of CUDA devices that it can use
 * @param errorReasons whether exceptions contain LibTorch's own reason, which otherwise goes to
 *     stderr
 */
public record LibTorchInfo(
        String version,
        Path directory,
        boolean fromMaven,
        boolean openBlas,
        boolean cuda,
        int cudaDevices,
        boolean errorReasons) {
    /**
     * Loads LibTorch if it is not loaded yet.
     *
     * @throws LibTorchUnavailableException if there is no usable LibTorch
     */
    public static LibTorchInfo load() {
        var torch = LibTorch.get();
        return new LibTorchInfo(
                LibTorch.format(torch.version()),
                torch.home().directory(),
                torch.home().origin() == LibTorchHome.Origin.MAVEN,
                torch.hasOpenBlas(),
                torch.hasCuda(),
                torch.cudaDeviceCount(),
                !(torch.errorText() instanceof NativeErrorText.Printed));
    }

    /**
     * Compares the files with the checksums recorded when they were unpacked; takes a few seconds.
     *
     * @return one line per damaged file; empty if there is none, or if LibTorch did not come from
     *     Maven
     * @throws LibTorchUnavailableException if a file cannot be read
     */
    public List<String> verifyChecksums() {
        try {
            return LibTorch.get().home().verifyChecksums();
        } catch (NativeLibraryException e) {
            throw new LibTorchUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }
}
