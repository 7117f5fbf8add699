package org.example.wordtags;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;
import java.util.TreeSet;

/** The head type {@code word-tags}: a tag for each word. */
public final class WordTagProvider implements HeadProvider<WordTagProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on the token embeddings, while training
     */
    public record Settings(double dropout) {}

    @Override
    public String type() {
        return "word-tags";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var tags = new TreeSet<String>();
        targets.forEach(target -> tags.addAll(WordTagHead.tags(target)));
        return List.copyOf(tags);
    }

    @Override
    public boolean tagsMarkEntities() {
        return false;
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new WordTagHead(context, settings.dropout());
    }
}
