package dev.mtl.heads.classification;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import java.util.List;
import java.util.TreeSet;

/** The head type {@code classification}. */
public final class ClassificationProvider implements HeadProvider<ClassificationProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on the sentence embedding, while training
     */
    public record Settings(double dropout) {
        public Settings {
            HeadSettings.checkDropout(dropout);
        }
    }

    @Override
    public String type() {
        return "classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.add(ClassificationHead.category(target).label()));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead create(Settings settings, HeadContext context) {
        return new ClassificationHead(settings, context);
    }
}
