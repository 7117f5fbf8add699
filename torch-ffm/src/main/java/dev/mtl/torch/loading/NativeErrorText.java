package dev.mtl.torch.loading;

import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * LibTorch's error message of a failed call. It is kept per thread: read it immediately after the
 * failure, before anything that could move a virtual thread to another carrier.
 */
public sealed interface NativeErrorText {
    /** The message of this thread's last failed call; null if LibTorch only printed it. */
    @Nullable String take();

    /** The source of messages for a LibTorch of this version on this platform. */
    static NativeErrorText of(long version, SymbolLookup lookup) {
        if (version >= LibTorch.VERSION_2_13) {
            return new LastException();
        }
        return CerrCapture.install(lookup)
                .<NativeErrorText>map(Captured::new)
                .orElseGet(Printed::new);
    }

    /** LibTorch 2.13 and later store the message per thread until the next failure. */
    record LastException() implements NativeErrorText {
        @Override
        public @Nullable String take() {
            var text = LibTorchAbi.torch_exception_get_what_without_backtrace();
            return text.equals(MemorySegment.NULL) ? null : text.getString(0);
        }
    }

    /** LibTorch 2.10 to 2.12 print the message; it is captured. */
    record Captured(CerrCapture capture) implements NativeErrorText {
        @Override
        public @Nullable String take() {
            return capture.take();
        }
    }

    /** LibTorch 2.10 to 2.12 print the message on stderr, uncaptured. */
    record Printed() implements NativeErrorText {
        @Override
        public @Nullable String take() {
            return null;
        }
    }
}
