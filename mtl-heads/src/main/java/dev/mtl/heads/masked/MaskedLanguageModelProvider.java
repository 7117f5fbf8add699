package dev.mtl.heads.masked;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;

/** The head type {@code masked-language-model}: adapts the backbone to texts without labels. */
public final class MaskedLanguageModelProvider
        implements HeadProvider<MaskedLanguageModelProvider.Settings> {
    /**
     * Settings.
     *
     * @param probability that a token is to be predicted
     * @param wholeWords whether all tokens of a word are predicted together
     */
    public record Settings(double probability, boolean wholeWords) {
        public Settings {
            if (!(probability > 0 && probability < 1)) {
                throw new IllegalArgumentException(
                        "probability is " + probability + ", it must be in (0, 1)");
            }
        }
    }

    @Override
    public String type() {
        return "masked-language-model";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.15, false);
    }

    @Override
    public boolean masksTexts() {
        return true;
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        return List.of();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new MaskedLanguageModelHead(settings, context);
    }
}
