package dev.mtl.torch;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.SymbolLookup;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Kernels that not every build of LibTorch has: looked up by their functions, and tried once. */
final class OptionalKernel {
    private final boolean present;
    private final BooleanSupplier trial;
    private volatile @Nullable Boolean answer;

    /**
     * @param functions that it consists of
     * @param trial calls them, and says whether their results are right
     */
    OptionalKernel(SymbolLookup lookup, Set<String> functions, BooleanSupplier trial) {
        this.present = functions.stream().allMatch(name -> lookup.find(name).isPresent());
        this.trial = trial;
    }

    boolean works() {
        var known = answer;
        return known == null ? findOut() : known;
    }

    private synchronized boolean findOut() {
        var known = answer;
        if (known == null) {
            known = present && trial.getAsBoolean();
            answer = known;
        }
        return known;
    }
}
