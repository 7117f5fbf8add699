package dev.mtl.heads.classification;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The head type {@code classification}. */
public final class ClassificationProvider implements HeadProvider<ClassificationProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on the sentence embedding, while training
     * @param labelSmoothing the share of the probability that is distributed over all labels
     * @param classWeights the weight of an item in the loss, by label; 1 for labels not named
     */
    public record Settings(
            double dropout, double labelSmoothing, Map<String, Double> classWeights) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            HeadSettings.checkLabelSmoothing(labelSmoothing);
            // models that were saved before this setting existed have none
            classWeights = new TreeMap<>(Objects.requireNonNullElse(classWeights, Map.of()));
            HeadSettings.checkClassWeights(classWeights);
        }
    }

    @Override
    public String type() {
        return "classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0, Map.of());
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.add(ClassificationHead.category(target).label()));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new ClassificationHead(settings, context);
    }
}
