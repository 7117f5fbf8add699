package dev.mtl.core.transformer;

import dev.mtl.torch.Tensor;

/**
 * Makes an encoder's parts out of weights with names, and so decides how each part is computed.
 * Names are looked up when a part is made, not in each pass. An arrangement asks for its parts from
 * the embeddings upward.
 */
public interface Kernels {
    /** The embeddings of tokens. */
    Embeddings embeddings(Embeddings.Names names);

    /** The linear layer of {@code name.weight} {@code [out, in]} and {@code name.bias}. */
    Linear linear(String name);

    /** Three linear layers from H to H on the same input. */
    QueryKeyValue queryKeyValue(String query, String key, String value);

    /** The layer normalization of {@code name.weight} {@code [H]} and {@code name.bias}. */
    Norm layerNorm(String name, double eps);

    /** Another weight as it is in the file; lives as long as the parts. */
    Tensor weight(String name);
}
