package dev.mtl.core.head.mix;

import dev.mtl.core.head.HeadInputs;
import dev.mtl.torch.Tensor;

import java.util.List;

/** What a head reads, where the outputs of several layers are kept. */
public interface LayerInputs extends HeadInputs {
    /**
     * The same with a mix of layers in the place of the last one.
     *
     * @param shares of the layers: {@code [L]}
     * @param layers their numbers
     * @param depth the number of the last layer
     */
    HeadInputs mixed(Tensor shares, List<Integer> layers, int depth);
}
