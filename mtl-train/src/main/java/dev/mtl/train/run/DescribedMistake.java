package dev.mtl.train.run;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Example;
import dev.mtl.train.progress.Evaluation.Mistake;
import dev.mtl.train.tags.EntityTags;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * A mistake in words.
 *
 * @param kind mistakes of the same kind are alike, such as one label that was taken for another
 * @param severity the larger, the worse, among mistakes of one task
 */
record DescribedMistake(Mistake mistake, String kind, double severity) {
    /** UTF-16 units that are kept of a text, and of what is said of it. */
    static final int LONGEST = 300;

    private static final String NONE = "(none)";

    static DescribedMistake of(Example example, Target gold, Prediction prediction) {
        return switch (prediction) {
            case LabelPrediction labels -> ofLabels(example, gold, labels);
            case EntityPrediction entities when gold instanceof Target.Tags(var tags) ->
                    ofEntities(example, tags, entities);
            case ValuePrediction values -> ofValues(example, gold, values);
            default -> {
                var text = text(gold);
                yield of(example, text, prediction.toText(), text, OptionalDouble.empty(), 0);
            }
        };
    }

    private static DescribedMistake ofLabels(
            Example example, Target gold, LabelPrediction prediction) {
        var right = text(gold);
        var names = prediction.predicted().stream().map(Label::name).toList();
        var predicted = names.isEmpty() ? NONE : String.join("; ", names);
        List<String> inData = gold instanceof Target.Labels(var labels) ? labels : List.of(right);
        var confidence =
                prediction.predicted().stream()
                        .filter(label -> !inData.contains(label.name()))
                        .mapToDouble(Label::score)
                        .max();
        return of(
                example,
                right,
                predicted,
                right + '\n' + predicted,
                confidence,
                orZero(confidence));
    }

    private static DescribedMistake ofEntities(
            Example example, List<String> goldTags, EntityPrediction prediction) {
        var text = example.texts().getFirst();
        var gold =
                prediction.ofWords()
                        ? ofWords(text, goldTags)
                        : EntityTags.entities(text, goldTags);
        var predicted =
                prediction.entities().stream()
                        .map(e -> new EntityTags.Entity(e.start(), e.end(), e.label()))
                        .toList();
        var missed = without(gold, predicted);
        var invented = without(predicted, gold);
        var confidence =
                prediction.entities().stream()
                        .filter(
                                e ->
                                        invented.contains(
                                                new EntityTags.Entity(
                                                        e.start(), e.end(), e.label())))
                        .mapToDouble(e -> e.score())
                        .max();
        return of(
                example,
                text(text, missed),
                text(text, invented),
                types(missed) + '\n' + types(invented),
                confidence,
                orZero(confidence));
    }

    private static List<EntityTags.Entity> ofWords(PreTokenizedText text, List<String> tags) {
        var words = new ArrayList<EntityTags.Entity>();
        for (int i = 0; i < tags.size(); i++) {
            var word = text.words().get(i);
            words.add(new EntityTags.Entity(word.start(), word.end(), tags.get(i)));
        }
        return words;
    }

    private static List<EntityTags.Entity> without(
            List<EntityTags.Entity> entities, List<EntityTags.Entity> others) {
        var left = new ArrayList<>(entities);
        left.removeAll(new HashSet<>(others));
        return left;
    }

    private static String types(Collection<EntityTags.Entity> entities) {
        return entities.stream()
                .map(EntityTags.Entity::label)
                .distinct()
                .sorted()
                .collect(Collectors.joining("\t"));
    }

    private static String text(PreTokenizedText text, List<EntityTags.Entity> entities) {
        return entities.isEmpty()
                ? NONE
                : entities.stream()
                        .map(e -> e.label() + ": " + text.text().substring(e.start(), e.end()))
                        .collect(Collectors.joining("; "));
    }

    private static DescribedMistake ofValues(
            Example example, Target gold, ValuePrediction prediction) {
        double distance = 0;
        if (gold instanceof Target.Values(var right)) {
            for (int i = 0; i < Math.min(right.size(), prediction.values().size()); i++) {
                distance = Math.max(distance, Math.abs(right.get(i) - prediction.values().get(i)));
            }
        }
        return of(
                example,
                text(gold),
                text(prediction.values()),
                example.place(),
                OptionalDouble.empty(),
                distance);
    }

    private static String text(Target target) {
        return switch (target) {
            case Target.Category(var label) -> label;
            case Target.Labels(var labels) -> labels.isEmpty() ? NONE : String.join("; ", labels);
            case Target.Values(var values) -> text(values);
            case Target.Tags(var tags) -> String.join(" ", tags);
            case Target.Answers(var answers) ->
                    answers.isEmpty()
                            ? NONE
                            : answers.stream()
                                    .map(Target.Answers.Answer::text)
                                    .distinct()
                                    .collect(Collectors.joining("; "));
            case Target.Own own -> own.toText();
            case Target.Relations(var relations) ->
                    relations.isEmpty()
                            ? NONE
                            : relations.stream()
                                    .map(Target.Relations.Relation::label)
                                    .collect(Collectors.joining("; "));
            case Target.Unlabelled() -> NONE;
            case Target.Taught(var own, var _) -> text(own);
        };
    }

    private static String text(List<Double> values) {
        return values.stream()
                .map(value -> String.format(Locale.ROOT, "%.4g", value))
                .collect(Collectors.joining("; "));
    }

    private static double orZero(OptionalDouble confidence) {
        return confidence.orElse(0);
    }

    private static DescribedMistake of(
            Example example,
            String gold,
            String predicted,
            String kind,
            OptionalDouble confidence,
            double severity) {
        var text =
                example.texts().stream()
                        .map(PreTokenizedText::text)
                        .collect(Collectors.joining(" | "));
        return new DescribedMistake(
                new Mistake(example.place(), cut(text), cut(gold), cut(predicted), confidence),
                kind,
                severity);
    }

    /** The beginning of a long text. Halves of characters, which no file can hold, become "?". */
    private static String cut(String text) {
        var begin = text.length() <= LONGEST ? text : text.substring(0, LONGEST).strip() + "…";
        return new String(begin.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
