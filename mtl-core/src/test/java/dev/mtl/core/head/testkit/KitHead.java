package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/** A head with random parameters, and the calls that checks make. */
final class KitHead {
    private static final double PARAMETER_SCALE = 0.3;

    private final TaskHead<Object> head;
    private final SequencedMap<String, float[]> values = new LinkedHashMap<>();
    private final SequencedMap<String, long[]> shapes = new LinkedHashMap<>();

    @SuppressWarnings("unchecked") // its targets come from its own encodeTarget
    private KitHead(TaskHead<?> head) {
        this.head = (TaskHead<Object>) head;
        var random = new SplittableRandom(7);
        for (var spec : head.parameters()) {
            int count = 1;
            for (long size : spec.shape()) {
                count = Math.toIntExact(count * size);
            }
            var drawn = KitExamples.gaussian(random, count);
            for (int i = 0; i < count; i++) {
                drawn[i] *= (float) PARAMETER_SCALE;
            }
            if (values.put(spec.name(), drawn) != null) {
                throw new AssertionError("two parameters are named '" + spec.name() + "'");
            }
            shapes.put(spec.name(), spec.shape());
        }
    }

    /** Makes a head for what its training data would have. */
    static <P extends Record> KitHead of(
            HeadProvider<P> provider, P settings, List<Target> targets) {
        var labels = provider.learnLabels(settings, targets);
        return new KitHead(
                provider.create(settings, new HeadContext("task", KitExamples.HIDDEN, labels)));
    }

    TaskHead<Object> head() {
        return head;
    }

    /** The parameters' values; changes show in parameters that are made afterwards. */
    SequencedMap<String, float[]> values() {
        return values;
    }

    /** The parameters, owned by the innermost scope. */
    Parameters parameters(boolean gradients) {
        var tensors = new LinkedHashMap<String, Tensor>();
        values.forEach(
                (name, array) ->
                        tensors.put(
                                name,
                                Autograd.requireGrad(
                                        Tensors.of(array, shapes.getOrDefault(name, new long[0])),
                                        gradients)));
        return new Parameters(tensors);
    }

    List<Object> encode(KitBatch batch) {
        var heads = batch.heads();
        var encoded = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            encoded.add(head.encodeTarget(batch.targets().get(i), heads.example(i)));
        }
        return encoded;
    }

    double lossNormalizer(KitBatch batch) {
        return head.lossNormalizer(encode(batch));
    }

    Tensor loss(KitBatch batch, Parameters parameters, KitInputs inputs) {
        var logits = head.forward(parameters, inputs, Mode.EVALUATION);
        return head.loss(parameters, logits, inputs.batch(), encode(batch));
    }

    TaskHead.LossParts lossWithParts(KitBatch batch) {
        var parameters = parameters(false);
        var inputs = batch.inputs(false);
        var logits = head.forward(parameters, inputs, Mode.EVALUATION);
        return head.lossWithParts(parameters, logits, inputs.batch(), encode(batch));
    }

    double loss(KitBatch batch) {
        return loss(batch, parameters(false), batch.inputs(false)).item();
    }

    List<? extends Prediction> predict(KitBatch batch) {
        try (var _ = Autograd.noGrad()) {
            var parameters = parameters(false);
            var inputs = batch.inputs(false);
            var logits = head.forward(parameters, inputs, Mode.EVALUATION);
            return head.predict(parameters, logits, inputs.batch());
        }
    }

    /** The gradient of the loss by what it depends on: parameters and inputs. */
    Map<String, float[]> gradients(KitBatch batch) {
        var parameters = parameters(true);
        var inputs = batch.inputs(true);
        Autograd.backward(loss(batch, parameters, inputs));
        var gradients = new LinkedHashMap<String, float[]>();
        for (var name : parameters.names()) {
            gradients.put(
                    "the parameter '" + name + "'",
                    gradient(parameters.get(name), values.getOrDefault(name, new float[0])));
        }
        inputs.read()
                .forEach(
                        (name, leaf) ->
                                gradients.put(name, gradient(leaf.tensor(), leaf.values())));
        return gradients;
    }

    private static float[] gradient(Tensor leaf, float[] values) {
        return Autograd.grad(leaf).map(Tensor::toFloats).orElseGet(() -> new float[values.length]);
    }
}
