package dev.mtl.heads.relation;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.Target.Relations.Span;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.heads.Probabilities;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The relations of a text: it can say of any two spans what their label is, and lists some.
 *
 * @param output from the states of two entities to the labels
 * @param states of the first token, then of each word: {@code [1 + W, 3 D]}; empty for words that
 *     the model does not read
 * @param found the relations that are listed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Related(Output output, PreTokenizedText text, float[][] states, List<FoundRelation> found)
        implements Prediction {
    Related {
        found = List.copyOf(found);
    }

    /**
     * The last layer.
     *
     * @param weight {@code [C, D]}
     * @param noneLabel the label of pairs that are not listed; null if all are
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Output(
            List<String> labels, float[][] weight, float[] bias, @Nullable String noneLabel) {}

    /**
     * A relation.
     *
     * @param first span of the text
     * @param firstLabel what kind of entity it is; null if nobody has said so
     * @param score its probability
     */
    record FoundRelation(
            Span first,
            @Nullable String firstLabel,
            Span second,
            @Nullable String secondLabel,
            String label,
            double score) {}

    /**
     * Without any relation listed.
     *
     * @param tokens the states of all tokens
     * @param tokensOfWords each word's token, -1 for none
     */
    static Related of(Output output, PreTokenizedText text, float[][] tokens, int[] tokensOfWords) {
        var states = new float[1 + tokensOfWords.length][];
        states[0] = tokens[0];
        for (int word = 0; word < tokensOfWords.length; word++) {
            int token = tokensOfWords[word];
            states[1 + word] = token < 0 ? new float[0] : tokens[token];
        }
        return new Related(output, text, states, List.of());
    }

    /** The relations between all entities, in both directions. */
    @Override
    public Related withEntities(Prediction prediction) {
        if (!(prediction instanceof EntityPrediction found)) {
            throw new ConfigurationException(
                    "the task that a relation's setting 'entities' names finds no entities; a"
                            + " token-classification does");
        }
        var entities = found.entities();
        var all = new ArrayList<FoundRelation>();
        for (int i = 0; i < entities.size(); i++) {
            for (int j = 0; j < entities.size(); j++) {
                if (i != j) {
                    var first = entities.get(i);
                    var second = entities.get(j);
                    add(
                            all,
                            new Span(first.start(), first.end()),
                            first.label(),
                            new Span(second.start(), second.end()),
                            second.label());
                }
            }
        }
        return new Related(output, text, states, all);
    }

    /** The labels of the pairs that the data names. */
    @Override
    public Related asked(Target target) {
        var all = new ArrayList<FoundRelation>();
        RelationHead.relations(target)
                .forEach(pair -> add(all, pair.first(), null, pair.second(), null));
        return new Related(output, text, states, all);
    }

    private void add(
            List<FoundRelation> all,
            Span first,
            @Nullable String firstLabel,
            Span second,
            @Nullable String secondLabel) {
        var probabilities = probabilities(first, second);
        int best = best(probabilities);
        if (best >= 0 && !output.labels().get(best).equals(output.noneLabel())) {
            all.add(
                    new FoundRelation(
                            first,
                            firstLabel,
                            second,
                            secondLabel,
                            output.labels().get(best),
                            probabilities[best]));
        }
    }

    /** The label of two spans; null if the model reads neither of their words. */
    @Nullable String label(Span first, Span second) {
        int best = best(probabilities(first, second));
        return best < 0 ? null : output.labels().get(best);
    }

    private static int best(double[] probabilities) {
        int best = probabilities.length - 1;
        for (int label = 0; label < probabilities.length; label++) {
            best = probabilities[label] > probabilities[best] ? label : best;
        }
        return best;
    }

    /** Of each label; empty if the model does not read the words of both spans. */
    private double[] probabilities(Span first, Span second) {
        int width = output.weight()[0].length;
        var hidden = new double[width];
        if (!add(hidden, 0, new WordSpan(-1, 0))
                || !add(hidden, 1, WordSpan.of(text, first))
                || !add(hidden, 2, WordSpan.of(text, second))) {
            return new double[0];
        }
        var logits = new float[output.bias().length];
        for (int label = 0; label < logits.length; label++) {
            double sum = output.bias()[label];
            for (int i = 0; i < width; i++) {
                sum += Math.max(0, hidden[i]) * output.weight()[label][i];
            }
            logits[label] = (float) sum;
        }
        return Probabilities.softmax(logits, 1);
    }

    /** Adds the mean of one of the three parts of the states of some words; -1 is the text. */
    private boolean add(double[] sum, int part, WordSpan span) {
        int read = 0;
        for (int word = span.first(); word < span.end(); word++) {
            read += states[1 + word].length > 0 ? 1 : 0;
        }
        for (int word = span.first(); word < span.end(); word++) {
            var state = states[1 + word];
            for (int i = 0; i < sum.length && state.length > 0; i++) {
                sum[i] += state[part * sum.length + i] / read;
            }
        }
        return read > 0;
    }

    @Override
    public Map<String, Object> toJson() {
        return Map.of("relations", found.stream().map(this::json).toList());
    }

    private Map<String, Object> json(FoundRelation relation) {
        var json = new LinkedHashMap<String, Object>();
        json.put("label", relation.label());
        json.put("head", json(relation.first(), relation.firstLabel()));
        json.put("tail", json(relation.second(), relation.secondLabel()));
        json.put("score", Probabilities.rounded(relation.score()));
        return json;
    }

    private Map<String, Object> json(Span span, @Nullable String label) {
        var json = new LinkedHashMap<String, Object>();
        json.put("text", text(span));
        if (label != null) {
            json.put("label", label);
        }
        json.put("start", span.start());
        json.put("end", span.end());
        return json;
    }

    private String text(Span span) {
        return text.text().substring(span.start(), span.end());
    }

    @Override
    public String toText() {
        return found.isEmpty()
                ? "-"
                : String.join(
                        ", ",
                        found.stream()
                                .map(
                                        relation ->
                                                "%s('%s', '%s')"
                                                        .formatted(
                                                                relation.label(),
                                                                text(relation.first()),
                                                                text(relation.second())))
                                .toList());
    }
}
