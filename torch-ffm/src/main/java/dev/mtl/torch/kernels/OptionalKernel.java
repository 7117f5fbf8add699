package dev.mtl.torch.kernels;

import dev.mtl.torch.loading.LibTorch;

import org.jspecify.annotations.Nullable;

import java.util.Set;
import java.util.function.BooleanSupplier;

/** A kernel that not every build of LibTorch has: its functions are looked up, and tried once. */
final class OptionalKernel {
    private final Set<String> functions;
    private final BooleanSupplier trial;
    private volatile @Nullable Boolean works;

    /**
     * @param functions all that the kernel calls
     * @param trial calls the kernel and returns whether its results are right
     */
    OptionalKernel(Set<String> functions, BooleanSupplier trial) {
        this.functions = functions;
        this.trial = trial;
    }

    /** Whether the functions exist and the trial succeeded. */
    boolean works() {
        var known = works;
        return known == null ? tryOnce() : known;
    }

    private synchronized boolean tryOnce() {
        var known = works;
        if (known == null) {
            known = LibTorch.get().has(functions) && trial.getAsBoolean();
            works = known;
        }
        return known;
    }
}
