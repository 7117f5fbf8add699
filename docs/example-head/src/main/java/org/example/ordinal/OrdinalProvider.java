package org.example.ordinal;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;

/** The head type {@code ordinal}: one label for each text, of labels that have an order. */
public final class OrdinalProvider implements HeadProvider<OrdinalProvider.Settings> {
    /**
     * Settings.
     *
     * @param order all labels, from the lowest to the highest
     * @param dropout on the sentence embedding, while training
     */
    public record Settings(List<String> order, double dropout) {
        public Settings {
            order = List.copyOf(order);
            if (new HashSet<>(order).size() < order.size()) {
                throw new IllegalArgumentException("order names a label twice: " + order);
            }
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("dropout must be 0 to below 1, not " + dropout);
            }
        }
    }

    @Override
    public String type() {
        return "ordinal";
    }

    @Override
    public Settings defaults() {
        return new Settings(List.of(), 0.1);
    }

    /** The labels that occur, in no order of meaning: that is what the settings say. */
    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.add(OrdinalHead.label(target)));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        if (settings.order().size() < 2) {
            throw new IllegalArgumentException(
                    "order must name all labels from the lowest to the highest, such as "
                            + context.labels());
        }
        for (var label : context.labels()) {
            if (!settings.order().contains(label)) {
                throw new IllegalArgumentException(
                        "order lacks the label '" + label + "' of the training data");
            }
        }
        return new OrdinalHead(settings, context.sentenceSize());
    }
}
