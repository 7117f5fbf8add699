package dev.mtl.core.head;

import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Tensor;

import java.util.List;

/**
 * One task on the shared backbone. A head holds no tensors: it names the parameters that it needs
 * and is given them with each call, so that several threads may run it at once. Every tensor that a
 * method gives belongs to the innermost open scope, which the caller opened; nothing needs to be
 * closed.
 */
public interface TaskHead {
    /** Which output of the backbone {@link #forward} takes. */
    HeadInput input();

    /**
     * How many texts of an example {@link #forward} takes; of heads that take {@link
     * HeadInput#SENTENCES}, two or more unless they say otherwise. Data and predictions of another
     * number are refused before they reach the head.
     */
    default TextArity textArity() {
        return input() == HeadInput.SENTENCES ? TextArity.SEVERAL : TextArity.ONE;
    }

    /** The parameters that training learns, drawn anew for a new model; may be none. */
    List<ParameterSpec> parameters();

    /**
     * Whether {@link #loss} compares the examples of a batch with each other. The trainer cuts the
     * batches of other heads as it likes; those of such a head have {@code batch_size} examples.
     */
    default boolean comparesExamples() {
        return false;
    }

    /**
     * Computes what the loss and the predictions are read from.
     *
     * @param parameters by the names of {@link #parameters}, FLOAT32
     * @param input {@code [B, H]}, {@code [B, S, H]} or {@code [B, K, H]}, as {@link #input} says,
     *     FLOAT32
     * @return logits, such as {@code [B, C]} or {@code [B, S, C]}
     */
    Tensor forward(Parameters parameters, Tensor input, Mode mode);

    /**
     * How many items {@link #loss} is the mean of: sentences, or labelled tokens. The trainer
     * weights the losses of micro-batches by it, so that accumulated gradients are those of one
     * large batch. With 0 items the batch has no loss.
     *
     * @param encodings the tokens of each text
     * @param targets one for each example
     */
    double lossNormalizer(List<Encoding> encodings, List<Target> targets);

    /**
     * Looks at what the data says of an example, before anything is trained or scored by it.
     *
     * @return labels of it that training has not seen: no prediction could be right; {@code
     *     data.on_bad_row} says whether that ends the run or the example is left out
     * @throws IllegalArgumentException if this head can neither learn the target nor be scored by
     *     it; the message is shown with the file and line
     */
    default List<String> unknownLabels(Target target) {
        return List.of();
    }

    /**
     * The mean loss over a batch's items.
     *
     * @param logits from {@link #forward}
     * @param targets one for each example, as the data has them
     * @return FLOAT32, no dimensions
     * @throws IllegalArgumentException for a label that training has not seen
     */
    Tensor loss(Tensor logits, HeadBatch batch, List<Target> targets);

    /**
     * Reads predictions off the logits.
     *
     * @param logits from {@link #forward} in {@link Mode#EVALUATION}
     * @return one for each example
     */
    List<? extends Prediction> predict(Tensor logits, HeadBatch batch);

    /** Counts predictions against targets, from zero. */
    Metric newMetric();

    /**
     * The score that says how good the head is, larger is better: one of those that its metrics
     * give.
     */
    String primaryMetric();
}
