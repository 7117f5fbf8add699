package dev.mtl.heads;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The vector of a text, or of two texts read together, that a linear head classifies: {@code [B,
 * H]}. It is the sentence embedding, or the first token through a {@link Pooler}. With a pooler,
 * its layer and the classifier begin with those of the backbone's checkpoint where that is a
 * sequence classifier, as the cross-encoders of sentence-transformers are.
 *
 * @param input SENTENCE or PAIR
 */
public record TextVector(HeadInput input, Pooler pooler, HeadContext context) {
    private static final String WEIGHT = "pooler.dense.weight";
    private static final String BIAS = "pooler.dense.bias";

    /** What the backbone must give. The sentence embedding is computed only if it is read. */
    public Set<HeadInput> inputs() {
        return hasPooler() ? Set.of(input, tokens()) : Set.of(input);
    }

    private boolean hasPooler() {
        return pooler != Pooler.NONE;
    }

    private HeadInput tokens() {
        return input == HeadInput.PAIR ? HeadInput.PAIR_TOKENS : HeadInput.TOKENS;
    }

    /** The length of the vector. */
    public int width() {
        return hasPooler() ? context.hiddenSize() : context.sentenceSize();
    }

    /** The vectors of a batch. */
    public Tensor read(Parameters parameters, HeadInputs inputs) {
        return hasPooler()
                ? pooler.activate(
                        LinearForm.of(tokens())
                                .read(inputs)
                                .select(1, 0)
                                .linear(parameters.get(WEIGHT), parameters.get(BIAS)))
                : LinearForm.of(input).read(inputs);
    }

    /** The classifier as the only layer, if it is. */
    public Optional<LinearForm> linear() {
        return hasPooler() ? Optional.empty() : Optional.of(LinearForm.of(input));
    }

    /**
     * The parameters of a head of {@code labels} logits: {@code weight} and {@code bias}, and the
     * pooler's.
     */
    public List<ParameterSpec> parameters() {
        int labels = context.labels().size();
        var classifier = ParameterSpec.linear(width(), labels);
        if (!hasPooler()) {
            return classifier;
        }
        var all = new ArrayList<ParameterSpec>();
        for (var spec : classifier) {
            var names = List.of("classifier." + spec.name(), "classifier.out_proj." + spec.name());
            all.add(pretrained(spec.name(), names, true, spec.initializer(), spec.shape()));
        }
        int hidden = context.hiddenSize();
        all.add(dense(WEIGHT, Initializer.BERT, hidden, hidden));
        all.add(dense(BIAS, new Initializer.Constant(0), hidden));
        return all;
    }

    /** By the names that the checkpoints of the families have. */
    private static ParameterSpec dense(String name, Initializer otherwise, long... shape) {
        var part = name.substring(name.lastIndexOf('.') + 1);
        var names = new ArrayList<>(List.of(name));
        for (var family : Arrays.asList("bert", "ernie", "deberta")) {
            names.add(family + "." + name);
        }
        names.add("classifier.dense." + part); // RoBERTa, MPNet, ELECTRA
        names.add("pre_classifier." + part); // DistilBERT
        return pretrained(name, names, false, otherwise, shape);
    }

    private static ParameterSpec pretrained(
            String name,
            List<String> names,
            boolean rowsAreLabels,
            Initializer otherwise,
            long... shape) {
        return new ParameterSpec(
                name, shape, new Initializer.Pretrained(names, rowsAreLabels, otherwise));
    }
}
