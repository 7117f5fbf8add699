package dev.mtl.heads;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.token.TokenClassificationProvider;
import dev.mtl.torch.Tensor;

import java.util.List;
import java.util.Set;

/** A head with the parameters of a linear layer, that bounds what the layer gives. */
final class SquashedProvider implements HeadProvider<TokenClassificationProvider.Settings> {
    private final TokenClassificationProvider tagging = new TokenClassificationProvider();

    @Override
    public String type() {
        return "squashed";
    }

    @Override
    public TokenClassificationProvider.Settings defaults() {
        return tagging.defaults();
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        return tagging.learnLabels(targets);
    }

    @Override
    public TaskHead<?> create(TokenClassificationProvider.Settings settings, HeadContext context) {
        return new Squashed<>(tagging.create(settings, context));
    }

    private record Squashed<T>(TaskHead<T> own) implements TaskHead<T> {
        @Override
        public Set<HeadInput> inputs() {
            return own.inputs();
        }

        @Override
        public List<ParameterSpec> parameters() {
            return own.parameters();
        }

        @Override
        public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
            return own.forward(parameters, inputs, mode).relu();
        }

        @Override
        public T encodeTarget(Target target, TokenizedTexts texts) {
            return own.encodeTarget(target, texts);
        }

        @Override
        public double lossNormalizer(List<T> targets) {
            return own.lossNormalizer(targets);
        }

        @Override
        public Tensor loss(Parameters parameters, Tensor logits, HeadBatch batch, List<T> targets) {
            return own.loss(parameters, logits, batch, targets);
        }

        @Override
        public List<? extends Prediction> predict(
                Parameters parameters, Tensor logits, HeadBatch batch) {
            return own.predict(parameters, logits, batch);
        }

        @Override
        public Metric newMetric() {
            return own.newMetric();
        }

        @Override
        public String primaryMetric() {
            return own.primaryMetric();
        }
    }
}
