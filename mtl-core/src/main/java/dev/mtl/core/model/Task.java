package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.head.mix.LayerMixHead;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.plugin.PluginCompatibility;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.Tensor;

import java.util.List;
import java.util.Set;

/**
 * A task of a model.
 *
 * @param name as YAML and predictions call it
 * @param type the head type's name
 * @param settings the head type's own record
 * @param labels what the head learned of its labels
 * @param head made from all these
 */
public record Task(
        String name, String type, Record settings, List<String> labels, TaskHead<?> head) {

    public Task {
        labels = List.copyOf(labels);
    }

    /**
     * Makes the task's head.
     *
     * @param settings of the class that the provider's defaults have
     * @throws ConfigurationException if the head or its metric was built against an interface that
     *     had fewer methods
     */
    public static Task create(
            String name,
            HeadProvider<?> provider,
            Record settings,
            List<String> labels,
            int hiddenSize) {
        return create(name, provider, settings, labels, hiddenSize, hiddenSize);
    }

    /**
     * The same on a backbone whose sentence embeddings have another length than its token
     * embeddings.
     */
    public static Task create(
            String name,
            HeadProvider<?> provider,
            Record settings,
            List<String> labels,
            int hiddenSize,
            int sentenceSize) {
        return create(provider, settings, new HeadContext(name, hiddenSize, sentenceSize, labels));
    }

    /**
     * The same.
     *
     * @param context with the task's name and labels
     */
    public static Task create(HeadProvider<?> provider, Record settings, HeadContext context) {
        var head = createHead(provider, settings, context);
        PluginCompatibility.require(head);
        PluginCompatibility.require(head.newMetric());
        return new Task(context.task(), provider.type(), settings, context.labels(), head);
    }

    /**
     * The same task, whose head reads a learned mix of layers.
     *
     * @param depth the number of the backbone's last layer
     * @throws IllegalArgumentException if the backbone has fewer layers
     */
    public Task withLayers(LayerMix mix, int depth) {
        return mix.isLast()
                ? this
                : new Task(name, type, settings, labels, LayerMixHead.of(head, mix, depth));
    }

    /** Which layers the head reads. */
    public LayerMix layers() {
        return head instanceof LayerMixHead<?> mixed ? mixed.mix() : LayerMix.LAST;
    }

    /** The numbers of the layers that are mixed; empty if only the last is read. */
    List<Integer> mixedLayers() {
        return head instanceof LayerMixHead<?> mixed ? mixed.layers() : List.of();
    }

    /** The class that implements the head. */
    Class<?> headClass() {
        return head instanceof LayerMixHead<?> mixed ? mixed.head().getClass() : head.getClass();
    }

    private static <P extends Record> TaskHead<?> createHead(
            HeadProvider<P> provider, Record settings, HeadContext context) {
        var own = provider.defaults().getClass();
        if (!own.isInstance(settings)) {
            throw new IllegalArgumentException(
                    "head '"
                            + provider.type()
                            + "' has settings of "
                            + own.getName()
                            + ", not "
                            + settings);
        }
        @SuppressWarnings("unchecked") // the class of defaults() is P
        var checked = (P) settings;
        return provider.create(checked, context);
    }

    /**
     * Encodes a target for the head's loss; see {@link TaskHead#encodeTarget}.
     *
     * @return of the head's target type, for {@link #lossNormalizer} and {@link #loss} only
     */
    public Object encodeTarget(Target target, TokenizedTexts texts) {
        return untyped().encodeTarget(target, texts);
    }

    /**
     * The logits of a batch.
     *
     * @param model the model's parameters, by their names in the model
     */
    public Tensor forward(Parameters model, HeadInputs inputs, Mode mode) {
        return head.forward(model.in(prefix()), inputs, mode);
    }

    /**
     * What the loss of a batch is divided by.
     *
     * @param targets from {@link #encodeTarget}
     */
    public double lossNormalizer(List<Object> targets) {
        return untyped().lossNormalizer(targets);
    }

    /**
     * The mean loss of a batch, with the parts that the head names.
     *
     * @param model the model's parameters, by their names in the model
     * @param logits from {@link #forward}, FLOAT32
     * @param targets from {@link #encodeTarget}
     * @return FLOAT32 scalars, owned by the innermost scope
     */
    public TaskHead.LossParts loss(
            Parameters model, Tensor logits, HeadBatch batch, List<Object> targets) {
        return untyped().lossWithParts(model.in(prefix()), logits, batch, targets);
    }

    /**
     * How far two passes over a batch are from each other; see {@link TaskHead#divergence}.
     *
     * @param model the model's parameters, by their names in the model
     * @param logits from {@link #forward}, FLOAT32
     * @param again the same of the second pass
     * @param targets from {@link #encodeTarget}
     * @return FLOAT32 scalar, owned by the innermost scope
     */
    public Tensor divergence(
            Parameters model, Tensor logits, Tensor again, HeadBatch batch, List<Object> targets) {
        return untyped().divergence(model.in(prefix()), logits, again, batch, targets);
    }

    @SuppressWarnings("unchecked") // its targets come from its own encodeTarget
    private TaskHead<Object> untyped() {
        return (TaskHead<Object>) head;
    }

    /**
     * The head's predictions, one for each example.
     *
     * @param model the model's parameters, by their names in the model
     * @param logits from {@link #forward}
     * @throws MtlException if the head returns another number of predictions
     */
    public List<? extends Prediction> predict(Parameters model, Tensor logits, HeadBatch batch) {
        var predictions = head.predict(model.in(prefix()), logits, batch);
        if (predictions.size() != batch.size()) {
            throw new MtlException(
                    "task '%s': %s gives %d predictions for %d examples"
                            .formatted(
                                    name,
                                    PluginFailures.name(headClass()),
                                    predictions.size(),
                                    batch.size()));
        }
        PluginCompatibility.require(predictions.getFirst());
        return predictions;
    }

    /** Whether the head reads token embeddings only, so that long texts can be read in windows. */
    public boolean readsTokensOnly() {
        return head.inputs().equals(Set.of(HeadInput.TOKENS)) && !head.masks();
    }

    /** Whether the head reads the two texts of an example together. */
    public boolean readsPairs() {
        return head.inputs().stream().anyMatch(HeadInput::isOfPairs);
    }

    /** Whether the head reads texts one by one. */
    public boolean readsTexts() {
        return head.inputs().stream().anyMatch(input -> !input.isOfPairs());
    }

    /**
     * The windows in which the head reads the two texts of an example: one if they fit into the
     * model's input, or if it reads their beginnings only.
     */
    public List<TokenizedPair> pairs(List<TokenizedText> texts) {
        return readsPairWindows()
                ? TokenizedPair.windows(texts, head.pairStride().orElseThrow())
                : List.of(TokenizedPair.of(texts));
    }

    /** Whether the head reads all of what is longer than the model's input. */
    public boolean isWindowed() {
        return readsTokensOnly() || readsPairWindows();
    }

    /** Whether the head reads all of two texts that are longer than the model's input. */
    public boolean readsPairWindows() {
        return head.pairStride().isPresent() && head.inputs().equals(Set.of(HeadInput.PAIR_TOKENS));
    }

    /** What this task's parameters begin with in a model: {@code heads.intent}. */
    public String prefix() {
        return "heads." + name;
    }

    /** The head's parameters by their names in the model: {@code heads.intent.weight}. */
    public List<ParameterSpec> specs() {
        return head.parameters().stream()
                .map(p -> new ParameterSpec(prefix() + "." + p.name(), p.shape(), p.initializer()))
                .toList();
    }
}
