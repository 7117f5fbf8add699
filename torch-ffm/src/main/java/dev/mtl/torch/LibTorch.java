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
        for (var library : dev.mtl.natives.LibTorchHome.locate().libraries()) {
            System.load(library.toString());
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
