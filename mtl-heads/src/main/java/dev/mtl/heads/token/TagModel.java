package dev.mtl.heads.token;

import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.List;

/** What the logits of tokens mean for tags: how wrong they are, and which tags they choose. */
sealed interface TagModel permits IndependentTags, LinearChainTags {
    /** Parameters beside the linear layer's. */
    List<ParameterSpec> parameters();

    /** What a word of a tag counts in the mean of the loss. */
    double weight(int tag);

    /**
     * The mean loss over the words.
     *
     * @param parameters of the head
     * @param logits {@code [B, S, C]}, FLOAT32
     * @param classes B times S tags, {@link dev.mtl.torch.Losses#IGNORE_INDEX} for tokens that take
     *     no part
     */
    Tensor loss(Parameters parameters, Tensor logits, long[] classes, int batchSize);

    /**
     * Decodes.
     *
     * @param parameters of the head
     * @param logits {@code [B, S, C]}
     * @return for each run the tags of its words
     */
    List<Choice> choose(Parameters parameters, Tensor logits, List<Run> runs);

    /**
     * The words of a text that have pieces, one at least.
     *
     * @param row of the text
     * @param tokens the words' first pieces
     */
    record Run(int row, int[] tokens) {}

    /**
     * The tags of some words.
     *
     * @param probabilities of these tags
     */
    record Choice(int[] tags, float[] probabilities) {}
}
