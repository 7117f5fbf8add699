package dev.mtl.core.head.mix;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TextArity;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Tensor;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A head that does what another one does, except for what it overrides. */
public interface ForwardingHead<T> extends TaskHead<T> {
    /** The other one. */
    TaskHead<T> head();

    @Override
    default List<ParameterSpec> parameters() {
        return head().parameters();
    }

    @Override
    default Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        return head().forward(parameters, inputs, mode);
    }

    @Override
    default Optional<LinearForm> linear() {
        return head().linear();
    }

    @Override
    default Set<HeadInput> inputs() {
        return head().inputs();
    }

    @Override
    default TextArity textArity() {
        return head().textArity();
    }

    @Override
    default boolean masks() {
        return head().masks();
    }

    @Override
    default Encoding mask(Encoding text, long maskId, RandomGenerator random) {
        return head().mask(text, maskId, random);
    }

    @Override
    default OptionalInt pairStride() {
        return head().pairStride();
    }

    @Override
    default Prediction mergeWindows(List<? extends Prediction> windows) {
        return head().mergeWindows(windows);
    }

    @Override
    default boolean comparesExamples() {
        return head().comparesExamples();
    }

    @Override
    default boolean groupsExamples() {
        return head().groupsExamples();
    }

    @Override
    default T encodeTarget(Target target, TokenizedTexts texts) {
        return head().encodeTarget(target, texts);
    }

    @Override
    default double lossNormalizer(List<T> targets) {
        return head().lossNormalizer(targets);
    }

    @Override
    default Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<T> targets) {
        return head().loss(parameters, logits, batch, targets);
    }

    @Override
    default LossParts lossWithParts(
            Parameters parameters, Tensor logits, HeadBatch batch, List<T> targets) {
        return head().lossWithParts(parameters, logits, batch, targets);
    }

    @Override
    default boolean hasDivergence() {
        return head().hasDivergence();
    }

    @Override
    default Tensor divergence(
            Parameters parameters, Tensor logits, Tensor again, HeadBatch batch, List<T> targets) {
        return head().divergence(parameters, logits, again, batch, targets);
    }

    @Override
    default List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        return head().predict(parameters, logits, batch);
    }

    @Override
    default Optional<String> entitiesTask() {
        return head().entitiesTask();
    }

    @Override
    default Metric newMetric() {
        return head().newMetric();
    }

    @Override
    default String primaryMetric() {
        return head().primaryMetric();
    }
}
