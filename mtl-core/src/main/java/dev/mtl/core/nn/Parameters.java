package dev.mtl.core.nn;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A network's tensors by name, in a fixed order. Modules hold no tensors of their own: they read
 * them here by name, so that the same module runs on the weights themselves and on a worker's
 * {@link #leaves}.
 *
 * <p>The tensors belong to a scope that outlives this object's use; this only names them.
 */
public final class Parameters {
    private final SequencedMap<String, Tensor> tensors;
    private final String prefix;

    public Parameters(Map<String, Tensor> tensors) {
        this(new LinkedHashMap<>(tensors), "");
    }

    private Parameters(SequencedMap<String, Tensor> tensors, String prefix) {
        this.tensors = tensors;
        this.prefix = prefix;
    }

    /** The tensor of this name. */
    public Tensor get(String name) {
        var tensor = tensors.get(prefix + name);
        if (tensor == null) {
            throw new IllegalArgumentException("no parameter '" + prefix + name + "'");
        }
        return tensor;
    }

    /** Whether there is a tensor of this name. */
    public boolean has(String name) {
        return tensors.containsKey(prefix + name);
    }

    /** The same tensors, with names read as if each began with {@code prefix} and a dot. */
    public Parameters in(String prefix) {
        return new Parameters(tensors, this.prefix + prefix + ".");
    }

    /** All full names, in order. */
    public Set<String> names() {
        return java.util.Collections.unmodifiableSet(tensors.keySet());
    }

    /** All tensors, in the order of their names. */
    public List<Tensor> tensors() {
        return List.copyOf(tensors.values());
    }

    /**
     * The same memory as leaves of their own: a backward pass through them leaves its gradients
     * with them, and what changes the originals in place changes them.
     *
     * @param owner takes the leaves
     * @param trainable the names that gradients are wanted for
     */
    public Parameters leaves(TensorScope owner, Predicate<String> trainable) {
        var leaves = new LinkedHashMap<String, Tensor>();
        try (var _ = TensorScope.open()) {
            tensors.forEach(
                    (name, tensor) ->
                            leaves.put(
                                    name,
                                    Autograd.requireGrad(
                                            owner.take(tensor.detach()), trainable.test(name))));
        }
        return new Parameters(leaves, "");
    }

    /** Copies on a device; the same tensors where they are there already. */
    public Parameters on(Device device, TensorScope owner) {
        if (tensors.values().stream().allMatch(t -> t.device().equals(device))) {
            return this;
        }
        var moved = new LinkedHashMap<String, Tensor>();
        try (var _ = TensorScope.open()) {
            tensors.forEach((name, tensor) -> moved.put(name, owner.take(tensor.to(device))));
        }
        return new Parameters(moved, "");
    }
}
