package dev.mtl.cli.predictions;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.tags.EntityTags;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What the data says, and what was predicted, as JSON and as the cell of a table. */
final class Gold {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SEPARATOR = ";";

    private Gold() {}

    /**
     * As predictions are written: a label, a list of labels, numbers, entities or the tags of
     * words; null for nothing.
     */
    static @Nullable Object toJson(Target gold, PreTokenizedText text, Prediction prediction) {
        return switch (gold) {
            case Target.Tags(var tags)
                    when prediction instanceof EntityPrediction words && words.ofWords() ->
                    tags;
            case Target.Category(var label) -> label;
            case Target.Labels(var labels) -> labels;
            case Target.Values(var values) -> values.size() == 1 ? values.getFirst() : values;
            case Target.Tags(var tags) ->
                    EntityTags.entities(text, tags).stream()
                            .map(
                                    entity -> {
                                        var json = new LinkedHashMap<String, Object>();
                                        json.put(
                                                "text",
                                                text.text()
                                                        .substring(entity.start(), entity.end()));
                                        json.put("label", entity.label());
                                        json.put("start", entity.start());
                                        json.put("end", entity.end());
                                        return json;
                                    })
                            .toList();
            case Target.Answers(var answers) -> texts(answers);
            case Target.Own own -> own.toJson();
            case Target.Relations(var relations) -> relations(relations, text);
            case Target.Unlabelled() -> null;
            case Target.Taught(var own, var _) -> toJson(own, text, prediction);
        };
    }

    /** In one cell: several labels or numbers are separated by a semicolon, tags by spaces. */
    static String toCell(Target gold) {
        return switch (gold) {
            case Target.Category(var label) -> label;
            case Target.Labels(var labels) -> String.join(SEPARATOR, labels);
            case Target.Values(var values) -> numbers(values);
            case Target.Tags(var tags) -> String.join(" ", tags);
            case Target.Answers(var answers) -> String.join(SEPARATOR, texts(answers));
            case Target.Own own -> own.toText();
            case Target.Relations(var relations) ->
                    relations.stream()
                            .map(Target.Relations.Relation::label)
                            .collect(Collectors.joining(SEPARATOR));
            case Target.Unlabelled() -> "";
            case Target.Taught(var own, var _) -> toCell(own);
        };
    }

    private static List<Object> relations(
            List<Target.Relations.Relation> relations, PreTokenizedText text) {
        var all = new ArrayList<Object>();
        for (var relation : relations) {
            var json = new LinkedHashMap<String, Object>();
            json.put("label", relation.label());
            json.put("head", span(relation.first(), text));
            json.put("tail", span(relation.second(), text));
            all.add(json);
        }
        return all;
    }

    private static Map<String, Object> span(Target.Relations.Span span, PreTokenizedText text) {
        var json = new LinkedHashMap<String, Object>();
        json.put("text", text.text().substring(span.start(), span.end()));
        json.put("start", span.start());
        json.put("end", span.end());
        return json;
    }

    private static List<String> texts(List<Target.Answers.Answer> answers) {
        return answers.stream().map(Target.Answers.Answer::text).distinct().toList();
    }

    /** A prediction in the same form. */
    static String toCell(Prediction prediction) {
        return switch (prediction) {
            case LabelPrediction labels ->
                    labels.predicted().stream()
                            .map(Label::name)
                            .collect(Collectors.joining(SEPARATOR));
            case EntityPrediction entities when !entities.tags().isEmpty() ->
                    String.join(" ", entities.tags());
            case ValuePrediction values -> numbers(values.values());
            default -> json(prediction.toJson());
        };
    }

    /** The probability of the label; empty if it is no choice among labels. */
    static String score(Prediction prediction) {
        return prediction instanceof LabelPrediction labels
                ? labels.labels().stream()
                        .findFirst()
                        .map(label -> String.format(Locale.ROOT, "%.6f", label.score()))
                        .orElse("")
                : "";
    }

    /** A value that a cell holds as text. */
    static String cell(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case String text -> text;
            case List<?> list when list.stream().allMatch(String.class::isInstance) ->
                    list.stream().map(String.class::cast).collect(Collectors.joining(" "));
            default -> json(value);
        };
    }

    private static String numbers(List<Double> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(SEPARATOR));
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
