package dev.mtl.heads.multilabel;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import java.util.List;
import java.util.TreeSet;

/** The head type {@code multi-label-classification}. */
public final class MultiLabelProvider implements HeadProvider<MultiLabelProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on the sentence embedding, while training
     * @param threshold the probability from which on a label is predicted
     */
    public record Settings(double dropout, double threshold) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            if (!(threshold > 0 && threshold < 1)) {
                throw new IllegalArgumentException(
                        "threshold is " + threshold + ", it must be in (0, 1)");
            }
        }
    }

    @Override
    public String type() {
        return "multi-label-classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0.5);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.addAll(MultiLabelHead.labels(target)));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead create(Settings settings, HeadContext context) {
        return new MultiLabelHead(settings, context);
    }
}
