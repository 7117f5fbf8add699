package dev.mtl.core.head;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Tensor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * One task on the shared backbone. A head holds no tensors: it names its parameters and is given
 * their values with each call, so that several threads may run it at once. Every tensor that a
 * method returns belongs to the innermost open scope, which the caller opened; a head closes
 * nothing.
 *
 * @param <T> a target as the loss reads it, such as the index of a label. It is encoded once for
 *     each example, must not change afterwards, and may be read by several threads.
 */
public interface TaskHead<T> {
    /** The outputs of the backbone that {@link #forward} reads. */
    Set<HeadInput> inputs();

    /**
     * How many texts an example has: two for {@link HeadInput#PAIR} and {@link
     * HeadInput#PAIR_TOKENS}, two or more for {@link HeadInput#SENTENCES}, else one. Data and
     * predictions with another number of texts are rejected before they reach the head.
     */
    default TextArity textArity() {
        if (inputs().stream().anyMatch(HeadInput::isOfPairs)) {
            return TextArity.exactly(2);
        }
        return inputs().contains(HeadInput.SENTENCES) ? TextArity.SEVERAL : TextArity.ONE;
    }

    /**
     * Whether the head learns from texts of which {@link #mask} hides some tokens. Such a task has
     * batches of its own, also where it shares its file with others, and its target is encoded
     * again for each {@link Encoding} that {@link #mask} gives. False unless overridden.
     */
    default boolean masks() {
        return false;
    }

    /**
     * Hides some tokens of a text: in each step of training others, in predictions always the same.
     * Predictions on a text that has the mask itself are of these tokens, {@link
     * Encoding#withOwnMasks}, and nothing else is hidden.
     *
     * @param maskId the id of the mask, such as [MASK]
     * @return the text {@link Encoding#withMasks}
     */
    default Encoding mask(Encoding text, long maskId, RandomGenerator random) {
        throw new UnsupportedOperationException(getClass() + " masks nothing");
    }

    /**
     * How many tokens neighbouring windows share, where the head reads two texts together that are
     * longer than the model's input: the second text is read in windows, each beside the whole
     * first one, if {@link HeadInput#PAIR_TOKENS} is all that it reads. Each window is an example
     * of its own in training, and in predictions {@link #mergeWindows} makes one of theirs. Empty
     * unless overridden: the texts are cut.
     */
    default OptionalInt pairStride() {
        return OptionalInt.empty();
    }

    /**
     * Makes one prediction of those of the windows over an example; see {@link #pairStride}.
     *
     * @param windows what {@link #predict} said of each window, in the order of the text
     */
    default Prediction mergeWindows(List<? extends Prediction> windows) {
        throw new UnsupportedOperationException(getClass() + " has a pairStride, no mergeWindows");
    }

    /** The trainable parameters, initialized when a new model is made; none by default. */
    default List<ParameterSpec> parameters() {
        return List.of();
    }

    /**
     * Whether {@link #loss} compares the examples of a batch with each other. The trainer splits
     * the batches of other heads as it likes; those of such a head have {@code batch_size}
     * examples.
     */
    default boolean comparesExamples() {
        return false;
    }

    /**
     * Whether {@link #loss} compares the examples of a group with each other: those with the same
     * first text, such as the documents of a query. A batch then has all examples of {@code
     * batch_size} groups. False unless overridden.
     */
    default boolean groupsExamples() {
        return false;
    }

    /**
     * Encodes a target for {@link #loss}. It is called once for each example of the training and
     * the validation data, before the first step.
     *
     * @param texts the example's texts and their tokens, cut to the model's {@code max_length}
     * @throws UnknownLabelsException for labels that are not in the training data; {@code
     *     on_unknown_label} decides whether that ends the run, skips the example, or counts it as
     *     wrong
     * @throws IllegalArgumentException if this head can neither learn from such a target nor be
     *     scored by it; the message is shown with file and line
     */
    T encodeTarget(Target target, TokenizedTexts texts);

    /**
     * Computes the logits.
     *
     * @param parameters by the names of {@link #parameters}, FLOAT32
     * @param inputs the outputs of the backbone that {@link #inputs} names, FLOAT32, with the
     *     attention mask and the word ids of their tokens
     * @return such as {@code [B, C]} or {@code [B, S, C]}
     */
    Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode);

    /**
     * Declares that the logits are one linear layer on one of the {@link #inputs}, which makes the
     * head exportable. Empty unless overridden: heads that scale, bound or combine what their layer
     * gives are not linear, nor are those whose predictions depend on more than the logits, such as
     * a CRF.
     */
    default Optional<LinearForm> linear() {
        return Optional.empty();
    }

    /**
     * What {@link #loss} is divided by: the number of examples unless overridden, or of labelled
     * tokens, or the sum of their weights. The trainer multiplies the loss of each micro-batch by
     * its share of the step's normalizer, so that the accumulated gradient equals that of one large
     * batch. A batch with a normalizer of 0 has no loss.
     *
     * @param targets one for each example of a batch
     */
    default double lossNormalizer(List<T> targets) {
        return targets.size();
    }

    /**
     * The mean loss of a batch: a sum over its items, divided by {@link #lossNormalizer}.
     *
     * @param parameters by the names of {@link #parameters}, FLOAT32
     * @param logits from {@link #forward}, FLOAT32
     * @param targets one for each example
     * @return FLOAT32 scalar, no dimensions
     */
    Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<T> targets);

    /**
     * The loss with parts of it that the records of a training show, such as each of two losses
     * whose sum is trained. {@link #loss} without parts unless overridden. Training calls this
     * method, in place of {@link #loss}.
     *
     * @param parameters by the names of {@link #parameters}, FLOAT32
     * @param logits from {@link #forward}, FLOAT32
     * @param targets one for each example
     */
    default LossParts lossWithParts(
            Parameters parameters, Tensor logits, HeadBatch batch, List<T> targets) {
        return new LossParts(loss(parameters, logits, batch, targets), new LinkedHashMap<>());
    }

    /**
     * A loss and its parts.
     *
     * @param loss what {@link #loss} gives
     * @param parts by names of lower-case letters, digits and underscores, in the order to show
     *     them: FLOAT32 scalars, divided by {@link #lossNormalizer} as the loss is. They are
     *     recorded only: nothing is trained by them beyond the loss.
     */
    record LossParts(Tensor loss, SequencedMap<String, Tensor> parts) {
        public LossParts {
            for (var name : parts.keySet()) {
                if (!name.matches("[a-z0-9_]+")) {
                    throw new IllegalArgumentException(
                            "a part of a loss is named '"
                                    + name
                                    + "'; names have lower-case letters, digits and '_'");
                }
            }
        }
    }

    /**
     * Whether two passes over a batch, with different dropout, can be compared by {@link
     * #divergence}, as {@code training.r_drop} does. False unless overridden.
     */
    default boolean hasDivergence() {
        return false;
    }

    /**
     * How far the distributions of two passes over a batch are from each other: the mean of the
     * Kullback-Leibler divergences in both directions, averaged over the items of {@link #loss} as
     * it averages them. Both passes learn from it.
     *
     * @param parameters by the names of {@link #parameters}, FLOAT32
     * @param logits from {@link #forward} in {@link Mode#TRAINING}, FLOAT32
     * @param again the same of the second pass
     * @param targets one for each example
     * @return FLOAT32 scalar, no dimensions
     */
    default Tensor divergence(
            Parameters parameters, Tensor logits, Tensor again, HeadBatch batch, List<T> targets) {
        throw new UnsupportedOperationException(getClass() + " has no divergence");
    }

    /**
     * Decodes logits.
     *
     * @param parameters by the names of {@link #parameters}, FLOAT32
     * @param logits from {@link #forward} in {@link Mode#EVALUATION}
     * @return one prediction for each example
     */
    List<? extends Prediction> predict(Parameters parameters, Tensor logits, HeadBatch batch);

    /**
     * The task of the same model whose predictions those of this head are given, by {@link
     * Prediction#withEntities}. Empty unless overridden.
     */
    default Optional<String> entitiesTask() {
        return Optional.empty();
    }

    /** A new metric that has counted nothing. */
    Metric newMetric();

    /**
     * The score by which the best model is chosen: one of {@link Metric#scores}, the larger the
     * better.
     */
    String primaryMetric();
}
