package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

final class LibTorch {
    static final class H {
        static final LibTorch I = new LibTorch();
    }

    static LibTorch get() {
        return H.I;
    }

    interface ErrorText {
        @Nullable String take();
    }

    private final long version;

    LibTorch() {
        String d = System.getenv("LIBTORCH_HOME");
        for (String s :
                new String[] {
                    "libgomp.so.1",
                    "libquadmath.so.0",
                    "libgfortran.so.5",
                    "libopenblas.so.0",
                    "libc10.so",
                    "libtorch_cpu.so"
                }) {
            var f = java.nio.file.Path.of(d, s);
            if (java.nio.file.Files.exists(f)) System.load(f.toString());
        }
        version = LibTorchAbi.aoti_torch_abi_version();
    }

    long version() {
        return version;
    }

    ErrorText errorText() {
        return () ->
                version >= 0x020d000000000000L
                        ? LibTorchAbi.torch_exception_get_what_without_backtrace()
                                .reinterpret(10000)
                                .getString(0)
                        : null;
    }

    boolean hasStableIValueAllocator() {
        return version >= 0x020d000000000000L;
    }

    boolean hasOpenBlas() {
        return version < 0x020d000000000000L;
    }

    int cudaDeviceCount() {
        return (int) LibTorchAbi._ZN5torch4cuda12device_countEv();
    }
}
