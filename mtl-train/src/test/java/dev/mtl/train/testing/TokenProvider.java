package dev.mtl.train.testing;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;
import java.util.TreeSet;

/** A head type of tags that no service file names. */
public final class TokenProvider implements HeadProvider<TokenProvider.Settings> {
    /** Settings with a default. */
    public record Settings(double dropout) {}

    @Override
    public String type() {
        return "tags";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new TreeSet<String>();
        targets.forEach(target -> labels.addAll(((Target.Tags) target).tags()));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new LinearHead(context, settings.dropout(), true);
    }
}
