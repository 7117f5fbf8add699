package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * LibTorch's own words for a call that failed. They belong to the thread that called: read them at
 * once after the failure, before anything that could move a virtual thread to another carrier.
 */
sealed interface NativeErrorText {
    /** The reason of this thread's last failed call, or null where LibTorch only printed it. */
    @Nullable String take();

    /** How a LibTorch of this version gives its reasons, on this platform. */
    static NativeErrorText of(long version, SymbolLookup lookup) {
        if (version >= LibTorch.VERSION_2_13) {
            return new LastException();
        }
        return CerrCapture.install(lookup)
                .<NativeErrorText>map(Captured::new)
                .orElseGet(Printed::new);
    }

    /**
     * LibTorch 2.13 and later keep the reason for each thread, until its next failure puts another
     * in its place.
     */
    record LastException() implements NativeErrorText {
        @Override
        public @Nullable String take() {
            var text = LibTorchAbi.torch_exception_get_what_without_backtrace();
            return text.equals(MemorySegment.NULL) ? null : text.getString(0);
        }
    }

    /** LibTorch 2.10 to 2.12 print the reason, and what they print is caught. */
    record Captured(CerrCapture capture) implements NativeErrorText {
        @Override
        public @Nullable String take() {
            return capture.take();
        }
    }

    /** LibTorch 2.10 to 2.12 print the reason, on stderr. */
    record Printed() implements NativeErrorText {
        @Override
        public @Nullable String take() {
            return null;
        }
    }
}
