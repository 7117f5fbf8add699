package dev.mtl.heads.token;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.heads.HeadSettings;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The head type {@code token-classification}. */
public final class TokenClassificationProvider
        implements HeadProvider<TokenClassificationProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on each token embedding, while training
     */
    public record Settings(double dropout) {
        public Settings {
            HeadSettings.checkDropout(dropout);
        }
    }

    @Override
    public String type() {
        return "token-classification";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1);
    }

    /** {@code O} first, then the other tags in alphabetical order. */
    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var tags = new TreeSet<String>();
        targets.forEach(target -> tags.addAll(TokenClassificationHead.tags(target).tags()));
        tags.remove(Spans.OUTSIDE);
        var labels = new ArrayList<String>();
        labels.add(Spans.OUTSIDE);
        labels.addAll(tags);
        return labels;
    }

    @Override
    public TaskHead create(Settings settings, HeadContext context) {
        return new TokenClassificationHead(settings, context);
    }
}
