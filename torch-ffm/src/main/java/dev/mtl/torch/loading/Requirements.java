package dev.mtl.torch.loading;

import dev.mtl.natives.LibTorchHome;
import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.error.LibTorchUnavailableException;

import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Checks that a LibTorch is recent enough and has every function of the bindings. */
public final class Requirements {
    static final String ABI_VERSION = "aoti_torch_abi_version";

    private static final String ADDRESS = "$address";
    private static final Set<String> SINCE_2_13 =
            Set.of("torch_exception_get_what_without_backtrace", "torch_new_stable_ivalue");

    /** Missing in a LibTorch that was built without oneDNN. */
    public static final Set<String> ONEDNN =
            Set.of(
                    "aoti_torch_cpu__linear_pointwise",
                    "aoti_torch_cpu__linear_pointwise_binary",
                    "aoti_torch_cpu__qlinear_pointwise_tensor");

    /** Optional: attention that bypasses the dispatcher. */
    public static final Set<String> ATTENTION =
            Set.of(
                    "aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu",
                    "aoti_torch__reinterpret_tensor");

    private static final Set<String> OPENBLAS = Set.of("openblas_set_num_threads");

    /** Required only of a LibTorch with CUDA. */
    private static final Set<String> CUDA =
            Set.of(
                    "_ZN5torch4cuda12is_availableEv",
                    "_ZN5torch4cuda12device_countEv",
                    "_ZN5torch4cuda11synchronizeEl",
                    "_ZN5torch4cuda15manual_seed_allEm");

    private Requirements() {}

    /** Rejects a LibTorch that is too old to have a version function. */
    static void checkSaysItsVersion(SymbolLookup lookup, LibTorchHome home) {
        if (lookup.find(ABI_VERSION).isEmpty()) {
            throw new LibTorchUnavailableException(
                    "the LibTorch in %s has no function %s, so it is older than %s; %s"
                            .formatted(
                                    home.directory(),
                                    ABI_VERSION,
                                    LibTorch.format(LibTorch.OLDEST),
                                    advice()));
        }
    }

    /** Rejects a LibTorch that is too old. */
    static void checkVersion(long version, LibTorchHome home) {
        if (Long.compareUnsigned(version, LibTorch.OLDEST) < 0) {
            throw new LibTorchUnavailableException(
                    "the LibTorch in %s is version %s, MTL needs %s or later; %s"
                            .formatted(
                                    home.directory(),
                                    LibTorch.format(version),
                                    LibTorch.format(LibTorch.OLDEST),
                                    advice()));
        }
    }

    /** Rejects a LibTorch that lacks required functions; the message names all of them. */
    static void checkFunctions(
            SymbolLookup lookup, long version, boolean withCuda, LibTorchHome home) {
        var missing = new ArrayList<String>();
        for (var function : functions()) {
            if (isRequired(function, version, withCuda) && lookup.find(function).isEmpty()) {
                missing.add(function);
            }
        }
        if (!missing.isEmpty()) {
            throw new LibTorchUnavailableException(
                    "LibTorch %s in %s lacks functions that MTL calls: %s; %s"
                            .formatted(
                                    LibTorch.format(version),
                                    home.directory(),
                                    String.join(", ", missing),
                                    advice()));
        }
    }

    /** The names of the C functions in the generated bindings. */
    static List<String> functions() {
        return Arrays.stream(LibTorchAbi.class.getMethods())
                .map(method -> method.getName())
                .filter(name -> name.endsWith(ADDRESS))
                .map(name -> name.substring(0, name.length() - ADDRESS.length()))
                .sorted()
                .toList();
    }

    private static boolean isRequired(String function, long version, boolean withCuda) {
        if (SINCE_2_13.contains(function)) {
            return version >= LibTorch.VERSION_2_13;
        }
        return !OPENBLAS.contains(function)
                && !ONEDNN.contains(function)
                && !ATTENTION.contains(function)
                && (withCuda || !CUDA.contains(function));
    }

    private static String advice() {
        return "point "
                + LibTorchHome.VARIABLE
                + " at another LibTorch, or unset it to use the one from Maven";
    }
}
