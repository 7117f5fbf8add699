package dev.mtl.heads.span;

import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.heads.Probabilities;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a text answers to a question.
 *
 * @param context the text
 * @param candidates for the answer, best first
 * @param noneScore the score of no answer
 * @param mayBeNone whether there may be no answer
 * @param margin by which no answer must be better than the best one
 */
record FoundAnswer(
        String context,
        List<Candidate> candidates,
        float noneScore,
        boolean mayBeNone,
        double margin)
        implements EntityPrediction {
    private static final String LABEL = "answer";

    FoundAnswer {
        candidates = List.copyOf(candidates);
    }

    static FoundAnswer of(
            String context,
            List<Candidate> candidates,
            float noneScore,
            SpanExtractionProvider.Settings settings) {
        return new FoundAnswer(
                context, candidates, noneScore, settings.mayHaveNoAnswer(), settings.margin());
    }

    /**
     * The answer of a text that was read in windows: the best of all, and no answer is as good as
     * in the window that is least sure of it.
     */
    static FoundAnswer merge(List<FoundAnswer> windows, SpanExtractionProvider.Settings settings) {
        var best = new ArrayList<Candidate>();
        var all = new ArrayList<Candidate>();
        windows.forEach(window -> all.addAll(window.candidates()));
        all.sort(Candidate.BEST_FIRST);
        var places = new HashSet<Long>();
        for (var candidate : all) {
            // windows share tokens, and so parts of the text
            boolean isNew = places.add(((long) candidate.start() << 32) | candidate.end());
            if (isNew && best.size() < Candidate.KEPT) {
                best.add(candidate);
            }
        }
        float none = Float.POSITIVE_INFINITY;
        for (var window : windows) {
            none = Math.min(none, window.noneScore());
        }
        return of(windows.getFirst().context(), best, none, settings);
    }

    /** By how much no answer is better than the best one. */
    double noneDifference() {
        return candidates.isEmpty()
                ? Double.POSITIVE_INFINITY
                : noneScore - candidates.getFirst().score();
    }

    /** Whether there is no answer. */
    boolean isNone() {
        return candidates.isEmpty() || (mayBeNone && noneDifference() > margin);
    }

    /** The best answer, whether or not no answer is better; empty if the text has no token. */
    String bestText() {
        return candidates.isEmpty() ? "" : text(candidates.getFirst());
    }

    private String text(Candidate candidate) {
        return context.substring(candidate.start(), candidate.end());
    }

    /** The answer; none if there is none. */
    @Override
    public List<Entity> entities() {
        return isNone() ? List.of() : ranked().subList(0, 1);
    }

    /** All candidates with their share of the probability, no answer included where it may be. */
    private List<Entity> ranked() {
        var logits = new float[candidates.size() + (mayBeNone ? 1 : 0)];
        for (int i = 0; i < candidates.size(); i++) {
            logits[i] = candidates.get(i).score();
        }
        if (mayBeNone) {
            logits[candidates.size()] = noneScore;
        }
        var probabilities = Probabilities.softmax(logits, 1);
        var entities = new ArrayList<Entity>();
        for (int i = 0; i < candidates.size(); i++) {
            var candidate = candidates.get(i);
            entities.add(
                    new Entity(
                            text(candidate),
                            LABEL,
                            candidate.start(),
                            candidate.end(),
                            probabilities[i]));
        }
        return entities;
    }

    private double noneProbability() {
        double rest = 1;
        for (var entity : ranked()) {
            rest -= entity.score();
        }
        return Math.clamp(rest, 0, 1);
    }

    @Override
    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        if (isNone()) {
            json.put(LABEL, null);
            json.put("score", Probabilities.rounded(candidates.isEmpty() ? 1 : noneProbability()));
        } else {
            json.putAll(answer(entities().getFirst()));
        }
        return json;
    }

    /** {@link #toJson()} with {@code answers}, the best ones. */
    @Override
    public Map<String, Object> toJson(int topK) {
        var json = new LinkedHashMap<>(toJson());
        json.put("answers", ranked().stream().limit(topK).map(FoundAnswer::answer).toList());
        return json;
    }

    private static Map<String, Object> answer(Entity entity) {
        var json = new LinkedHashMap<String, Object>();
        json.put(LABEL, entity.text());
        json.put("start", entity.start());
        json.put("end", entity.end());
        json.put("score", Probabilities.rounded(entity.score()));
        return json;
    }

    @Override
    public String toText() {
        return isNone() ? "-" : bestText();
    }
}
