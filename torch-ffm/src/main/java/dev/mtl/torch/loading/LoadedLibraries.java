package dev.mtl.torch.loading;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.torch.error.LibTorchUnavailableException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks the process's libraries before LibTorch is loaded, and explains loader errors. */
final class LoadedLibraries {
    private static final String MAIN_LIBRARY = "libtorch_cpu.so";
    private static final Path MAPS = Path.of("/proc/self/maps");

    /** A line of {@code /proc/self/maps}: addresses, modes, offset, device, inode, path. */
    private static final Pattern MAPPED_PATH =
            Pattern.compile("\\S+ \\S+ \\S+ \\S+ \\d+ +(/.*?)( \\(deleted\\))?");

    private static final Pattern MISSING_LIBRARY =
            Pattern.compile("([\\w.+-]+\\.so[.\\d]*): cannot open shared object file");

    private static final String OR_CPU = ", or use a LibTorch without CUDA";
    private static final String CUDA_RUNTIME = "the CUDA runtime that this LibTorch is built for";

    /** What to install for a system library that LibTorch needs. */
    private record Provider(String prefix, String install) {}

    private static final List<Provider> PROVIDERS =
            List.of(
                    new Provider("libcuda.so", "NVIDIA's driver" + OR_CPU),
                    new Provider("libcudnn", "NVIDIA cuDNN 9" + OR_CPU),
                    new Provider("libnccl", "NVIDIA NCCL 2" + OR_CPU),
                    new Provider("libcu", CUDA_RUNTIME + OR_CPU),
                    new Provider("libnv", CUDA_RUNTIME + OR_CPU),
                    new Provider("libstdc++", "GCC's C++ runtime (Debian: libstdc++6)"),
                    new Provider("libgcc_s", "GCC's C++ runtime (Debian: libstdc++6)"),
                    new Provider("libgomp", "GCC's OpenMP runtime (Debian: libgomp1)"),
                    new Provider("ld-linux", "glibc: musl, as in Alpine, cannot load LibTorch"));

    private LoadedLibraries() {}

    /**
     * Refuses to load a LibTorch into a process that has another one mapped: the two share C++
     * symbols, and the first exception that one throws into the other aborts the process.
     */
    static void refuseASecondLibTorch(LibTorchHome home) {
        if (!Files.isReadable(MAPS)) {
            return; // not Linux
        }
        try (var maps = Files.lines(MAPS)) {
            var ours = home.directory().resolve(MAIN_LIBRARY).toRealPath();
            var other = otherLibTorch(maps.toList(), ours);
            if (other.isPresent()) {
                throw new LibTorchUnavailableException(
                        "this process has already loaded another LibTorch: %s; MTL would load %s, and two of them crash each other; point %s at the folder of the first, or run MTL in a separate process"
                                .formatted(other.get(), ours, LibTorchHome.VARIABLE));
            }
        } catch (IOException e) {
            throw new LibTorchUnavailableException(
                    "cannot read the list of this process's libraries: " + e, e);
        }
    }

    /** The path of a mapped LibTorch other than {@code ours}, if any. */
    static Optional<Path> otherLibTorch(List<String> maps, Path ours) {
        return maps.stream()
                .map(MAPPED_PATH::matcher)
                .filter(line -> line.matches())
                .map(line -> Path.of(line.group(1)))
                .filter(path -> path.endsWith(MAIN_LIBRARY) && !path.equals(ours))
                .findFirst();
    }

    /** The exception for a library that the system's loader rejected, with advice. */
    static LibTorchUnavailableException explain(
            UnsatisfiedLinkError error, Path library, LibTorchHome home) {
        var reason = String.valueOf(error.getMessage());
        return new LibTorchUnavailableException(
                "%s of the LibTorch in %s cannot be loaded: %s; %s"
                        .formatted(
                                library.getFileName(),
                                home.directory(),
                                reason.strip(),
                                advice(reason, home)),
                error);
    }

    private static String advice(String reason, LibTorchHome home) {
        var missing = missingLibrary(reason);
        if (missing != null) {
            return PROVIDERS.stream()
                    .filter(provider -> missing.startsWith(provider.prefix()))
                    .map(provider -> "install " + provider.install())
                    .findFirst()
                    .orElse(
                            "install the package that has "
                                    + missing
                                    + ", or add its folder to LD_LIBRARY_PATH");
        }
        if (reason.contains("GLIBC")) {
            return "this LibTorch is built for a newer Linux: use a newer one, or an older"
                    + " LibTorch";
        }
        return home.origin() == LibTorchHome.Origin.MAVEN
                ? "delete that folder, so that it is unpacked again"
                : LibTorchHome.VARIABLE + " must name a whole LibTorch for this machine";
    }

    private static @Nullable String missingLibrary(String reason) {
        var missing = MISSING_LIBRARY.matcher(reason);
        return missing.find() ? missing.group(1) : null;
    }
}
