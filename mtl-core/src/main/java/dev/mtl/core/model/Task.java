package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.plugin.PluginCompatibility;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.torch.Tensor;

import java.util.List;

/**
 * A task of a model.
 *
 * @param name as YAML and predictions call it
 * @param type the head type's name
 * @param settings the head type's own record
 * @param labels what the head learned of its labels
 * @param head made from all these
 */
public record Task(String name, String type, Record settings, List<String> labels, TaskHead head) {

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
        var head = create(provider, settings, new HeadContext(name, hiddenSize, labels));
        PluginCompatibility.require(head);
        PluginCompatibility.require(head.newMetric());
        return new Task(name, provider.type(), settings, labels, head);
    }

    private static <P extends Record> TaskHead create(
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
     * What the head says, one prediction for each example.
     *
     * @param logits from its {@code forward}
     * @throws MtlException if it gives more or fewer
     */
    public List<? extends Prediction> predict(Tensor logits, HeadBatch batch) {
        var predictions = head.predict(logits, batch);
        int examples = batch.texts().size() / batch.textsPerExample();
        if (predictions.size() != examples) {
            throw new MtlException(
                    "task '%s': %s gives %d predictions for %d examples"
                            .formatted(
                                    name,
                                    PluginFailures.name(head.getClass()),
                                    predictions.size(),
                                    examples));
        }
        PluginCompatibility.require(predictions.getFirst());
        return predictions;
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
