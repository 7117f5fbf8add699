package dev.mtl.heads.relation;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.TreeSet;

/** The head type {@code relation}: a label for two entities of one text. */
public final class RelationProvider implements HeadProvider<RelationProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on each token embedding, while training
     * @param width of the layer between embeddings and logits
     * @param noneLabel the label of two entities without a relation: pairs of a text's entities
     *     that the data does not name are learned as such; null: only named pairs are learned
     * @param entities the task of the same model whose entities are related in predictions; null:
     *     predictions are of the pairs that the data names
     */
    public record Settings(
            double dropout, int width, @Nullable String noneLabel, @Nullable String entities) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            if (width < 1) {
                throw new IllegalArgumentException("width is " + width + ", it must be at least 1");
            }
        }
    }

    @Override
    public String type() {
        return "relation";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 128, null, null);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(
                target ->
                        RelationHead.relations(target)
                                .forEach(relation -> labels.add(relation.label())));
        return List.copyOf(labels);
    }

    /** With the label of no relation, which the data need not name. */
    @Override
    public List<String> learnLabels(Settings settings, Iterable<Target> targets) {
        var labels = new TreeSet<>(learnLabels(targets));
        if (settings.noneLabel() != null) {
            labels.add(settings.noneLabel());
        }
        return List.copyOf(labels);
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new RelationHead(settings, context);
    }
}
