package org.example.votes;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.tokenizer.PreTokenizedText;

import java.util.List;
import java.util.TreeSet;

/** The head type {@code votes}: labels that people disagree about. */
public final class VotesProvider implements HeadProvider<VotesProvider.Settings> {
    /**
     * Settings.
     *
     * @param order the labels in the order to show them; empty for that of their names
     * @param dropout on the token embeddings, while training
     */
    public record Settings(List<String> order, double dropout) {
        public Settings {
            order = List.copyOf(order);
        }
    }

    @Override
    public String type() {
        return "votes";
    }

    @Override
    public Settings defaults() {
        return new Settings(List.of(), 0.1);
    }

    @Override
    public boolean readsTargets() {
        return true;
    }

    @Override
    public Target readTarget(Settings settings, Object field, List<PreTokenizedText> texts) {
        if (field == null) {
            throw new IllegalArgumentException("is not there");
        }
        return Votes.of(field);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.addAll(votes(target).labels()));
        return List.copyOf(labels);
    }

    @Override
    public List<String> learnLabels(Settings settings, Iterable<Target> targets) {
        var labels = learnLabels(targets);
        if (settings.order().isEmpty()) {
            return labels;
        }
        for (var label : labels) {
            if (!settings.order().contains(label)) {
                throw new IllegalArgumentException(
                        "order lacks the label '" + label + "' of the training data");
            }
        }
        return settings.order();
    }

    static Votes votes(Target target) {
        if (target instanceof Votes votes) {
            return votes;
        }
        throw new IllegalArgumentException(
                "votes takes votes for labels, not " + target.getClass().getSimpleName());
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new VotesHead(context, settings.dropout());
    }
}
