package dev.mtl.core.head.mix;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which layers of the backbone a head reads: the last, or a learned mix of several ({@code sum of
 * softmax(w)_i * h_i}, times a learned factor, as in ELMo, Peters et al. 2018, section 3.2).
 *
 * @param all whether all layers are mixed
 * @param layers their numbers, from 1, if not all are; 0 for the embeddings below the first; empty
 *     for the last layer alone
 */
public record LayerMix(boolean all, List<Integer> layers) {
    /** The last layer alone: nothing is mixed. */
    public static final LayerMix LAST = new LayerMix(false, List.of());

    /** All layers, without the embeddings below them. */
    public static final LayerMix ALL = new LayerMix(true, List.of());

    public LayerMix {
        layers = List.copyOf(layers);
        if (new HashSet<>(layers).size() < layers.size()) {
            throw new IllegalArgumentException("layers names a layer twice: " + layers);
        }
        if (layers.stream().anyMatch(layer -> layer < 0)) {
            throw new IllegalArgumentException(
                    "layers is " + layers + "; layers are counted from 1, 0 is the embeddings");
        }
    }

    /** Whether only the last layer is read. */
    public boolean isLast() {
        return !all && layers.isEmpty();
    }

    /**
     * The numbers of the layers on a backbone.
     *
     * @param depth of the backbone: the number of its last layer
     * @throws IllegalArgumentException if it has fewer layers
     */
    List<Integer> of(int depth) {
        var beyond = layers.stream().filter(layer -> layer > depth).toList();
        if (!beyond.isEmpty()) {
            throw new IllegalArgumentException(
                    "layers names " + beyond + ", the backbone has " + depth);
        }
        return all ? IntStream.rangeClosed(1, depth).boxed().toList() : layers;
    }

    /** As YAML and {@code head.json} have it. */
    public Object inYaml() {
        return all ? "all" : layers.isEmpty() ? "last" : layers;
    }

    /** As YAML has it. */
    @Override
    public String toString() {
        return inYaml().toString();
    }
}
