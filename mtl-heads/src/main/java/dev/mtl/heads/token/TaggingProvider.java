package dev.mtl.heads.token;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TunableProvider;
import dev.mtl.heads.HeadSettings;
import dev.mtl.heads.Temperature;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/** The head type {@code tagging}: one label for each word, such as its part of speech. */
public final class TaggingProvider implements TunableProvider<TaggingProvider.Settings> {
    /**
     * Settings.
     *
     * @param dropout on each token embedding, while training
     * @param labelSmoothing the share of the probability that is distributed over all tags
     * @param classWeights what a word counts in the loss, by its tag
     * @param calibrate whether the temperature is fitted to the validation data after training
     * @param temperature what logits are divided by for the scores; null: 1
     */
    public record Settings(
            double dropout,
            double labelSmoothing,
            ClassWeights classWeights,
            boolean calibrate,
            @Nullable Double temperature) {
        public Settings {
            HeadSettings.checkDropout(dropout);
            HeadSettings.checkLabelSmoothing(labelSmoothing);
            classWeights = Objects.requireNonNullElseGet(classWeights, ClassWeights::none);
            HeadSettings.checkTemperature(temperature);
        }

        /** What logits are divided by. */
        double divisor() {
            return temperature == null ? 1 : temperature;
        }
    }

    @Override
    public String type() {
        return "tagging";
    }

    @Override
    public Settings defaults() {
        return new Settings(0.1, 0, ClassWeights.none(), true, null);
    }

    /** Tags are labels of single words: {@code B-x} has no meaning beyond its name. */
    @Override
    public boolean tagsMarkEntities() {
        return false;
    }

    /** In alphabetical order. */
    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var tags = new TreeSet<String>();
        targets.forEach(target -> tags.addAll(TaggingHead.tags(target)));
        return List.copyOf(tags);
    }

    @Override
    public Settings learnSettings(Settings settings, Iterable<Target> targets) {
        var counts = new TreeMap<String, Integer>();
        for (var target : targets) {
            TaggingHead.tags(target).forEach(tag -> counts.merge(tag, 1, Integer::sum));
        }
        return new Settings(
                settings.dropout(),
                settings.labelSmoothing(),
                settings.classWeights().forCounts(counts),
                settings.calibrate(),
                settings.temperature());
    }

    @Override
    public boolean tunes(Settings settings) {
        return settings.calibrate();
    }

    /** Fits the temperature to the words that have a tag of the training data. */
    @Override
    public Settings tune(
            Settings settings,
            List<String> labels,
            List<? extends Prediction> predictions,
            List<Target> targets) {
        var logits = new ArrayList<float[]>();
        var right = new ArrayList<Integer>();
        for (int i = 0; i < predictions.size(); i++) {
            var tags = TaggingHead.tags(targets.get(i));
            var rows = ((TaggedText) predictions.get(i)).logits();
            for (int word = 0; word < rows.length; word++) {
                int tag = labels.indexOf(tags.get(word));
                var row = rows[word];
                if (row != null && tag >= 0) {
                    logits.add(row);
                    right.add(tag);
                }
            }
        }
        var fitted =
                Temperature.ofClasses(logits, right.stream().mapToInt(Integer::intValue).toArray());
        return fitted.isEmpty()
                ? settings
                : new Settings(
                        settings.dropout(),
                        settings.labelSmoothing(),
                        settings.classWeights(),
                        true,
                        fitted.getAsDouble());
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new TaggingHead(settings, context);
    }
}
