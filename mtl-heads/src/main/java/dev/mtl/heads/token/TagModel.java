package dev.mtl.heads.token;

import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.List;

/** The loss and the decoding of token logits: independent tags, or a CRF. */
sealed interface TagModel permits IndependentTags, LinearChainTags {
    /** Parameters in addition to the linear layer's. */
    List<ParameterSpec> parameters();

    /** The weight of a word with a tag in the mean of the loss. */
    double weight(int tag);

    /**
     * The mean loss over the words.
     *
     * @param parameters of the head
     * @param logits {@code [B, S, C]}, FLOAT32
     * @param classes B times S tags; {@link dev.mtl.torch.Losses#IGNORE_INDEX} for tokens that are
     *     ignored
     */
    Tensor loss(Parameters parameters, Tensor logits, long[] classes, int batchSize);

    /**
     * The mean divergence between two passes, over the words.
     *
     * @param logits {@code [B, S, C]}, FLOAT32
     * @param again of the second pass
     * @param classes as {@link #loss} takes them
     */
    Tensor divergence(
            Parameters parameters, Tensor logits, Tensor again, long[] classes, int batchSize);

    /**
     * Decodes.
     *
     * @param parameters of the head
     * @param logits {@code [B, S, C]}
     * @return the tags of the words of each run
     */
    List<Choice> choose(Parameters parameters, Tensor logits, List<Run> runs);

    /**
     * The words of a text that have tokens; at least one.
     *
     * @param row of the text in the batch
     * @param tokens positions of the words' first tokens
     */
    record Run(int row, int[] tokens) {}

    /**
     * The tags of some words.
     *
     * @param tags of the words
     * @param probabilities of all tags for each word
     */
    record Choice(int[] tags, float[][] probabilities) {}
}
