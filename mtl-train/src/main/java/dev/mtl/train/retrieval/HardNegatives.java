package dev.mtl.train.retrieval;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.retrieval.NearestTexts.Hit;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Hard negatives: for each anchor, texts that are near to it by an encoder and are none of its own
 * texts. Texts with a label of the anchor are its own, too.
 */
public final class HardNegatives {
    private final List<Anchor> anchors = new ArrayList<>();
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private final Map<String, Set<Integer>> own = new HashMap<>();
    private final List<Set<String>> labels = new ArrayList<>();

    /**
     * An anchor and its text.
     *
     * @param label of both, empty if they have none
     */
    public record Anchor(String text, String positive, String label) {}

    /**
     * Which negatives are taken.
     *
     * @param count for each anchor at most
     * @param from the rank of the first candidate among the texts that are not the anchor's own,
     *     from 1
     * @param to the rank of the last candidate
     * @param margin how much less similar than its own text a negative must be to the anchor, as a
     *     difference of cosines
     * @param mostSimilar the largest cosine of a negative and the anchor
     * @param random whether candidates are drawn, rather than taken from the nearest on
     * @param seed of what is drawn
     */
    public record Choice(
            int count,
            int from,
            int to,
            double margin,
            double mostSimilar,
            boolean random,
            long seed) {
        public Choice {
            if (count < 1) {
                throw new IllegalArgumentException("a negative at least, not " + count);
            }
            if (from < 1 || to < from) {
                throw new IllegalArgumentException(
                        "the ranks %d-%d are none; the first is 1".formatted(from, to));
            }
            if (!(Math.abs(margin) <= 2) || !(Math.abs(mostSimilar) <= 2)) {
                throw new IllegalArgumentException("cosines and their differences are -2 to 2");
            }
        }
    }

    /**
     * The anchors of data for learning from pairs.
     *
     * @param datasets with two texts or more in each example, an anchor and its own text, and
     *     perhaps a label; or with one text and a label, whose own text is another one with the
     *     same label
     * @param task that learns from them
     * @param more texts that may be negatives, too
     * @param seed of the own texts that are drawn
     * @throws ConfigurationException if there is one text only, and no label
     */
    public HardNegatives(List<Dataset> datasets, String task, List<String> more, long seed) {
        var byLabel = new LinkedHashMap<String, List<String>>();
        for (var dataset : datasets) {
            for (var example : dataset.examples()) {
                add(example, label(example.targets().get(task)), byLabel);
            }
        }
        var random = new Random(seed);
        byLabel.forEach((label, texts) -> pair(label, texts, random));
        more.forEach(text -> place(text, ""));
    }

    private static String label(@Nullable Target target) {
        return target instanceof Target.Category(var label) ? label : "";
    }

    private void add(Example example, String label, Map<String, List<String>> byLabel) {
        var texts = example.texts().stream().map(PreTokenizedText::text).toList();
        if (texts.size() > 1) {
            add(new Anchor(texts.get(0), texts.get(1), label));
            texts.subList(2, texts.size()).forEach(text -> place(text, ""));
        } else if (label.isEmpty()) {
            throw new ConfigurationException(
                    "%s: has one text and no label; negatives are mined for pairs of texts, or for texts with labels"
                            .formatted(example.place()));
        } else {
            byLabel.computeIfAbsent(label, key -> new ArrayList<>()).add(texts.getFirst());
        }
    }

    /** Gives each text of a label another one of it. */
    private void pair(String label, List<String> texts, Random random) {
        var unique = new ArrayList<>(new LinkedHashSet<>(texts));
        unique.forEach(text -> place(text, label));
        Collections.shuffle(unique, random);
        for (int i = 0; unique.size() > 1 && i < unique.size(); i++) {
            add(new Anchor(unique.get(i), unique.get((i + 1) % unique.size()), label));
        }
    }

    private void add(Anchor anchor) {
        anchors.add(anchor);
        own.computeIfAbsent(anchor.text(), key -> new HashSet<>())
                .add(place(anchor.positive(), anchor.label()));
    }

    /** The place of a text in the corpus. */
    private int place(String text, String label) {
        int place = places.computeIfAbsent(text, key -> places.size());
        if (place == labels.size()) {
            labels.add(new HashSet<>());
        }
        if (!label.isEmpty()) {
            labels.get(place).add(label);
        }
        return place;
    }

    /** The anchors. */
    public List<Anchor> anchors() {
        return Collections.unmodifiableList(anchors);
    }

    /** All texts that may be negatives, each once. */
    public List<String> corpus() {
        return List.copyOf(places.keySet());
    }

    /**
     * Mines.
     *
     * @param ofAnchors embeddings of {@link #anchors}
     * @param ofCorpus embeddings of {@link #corpus}
     * @param progress is told how many anchors are done
     * @return for each anchor, the places of its negatives in the corpus, the nearest first
     */
    public List<List<Integer>> mine(
            float[][] ofAnchors, float[][] ofCorpus, Choice choice, IntConsumer progress) {
        var found = NearestTexts.of(ofAnchors, ofCorpus, choice.to(), this::isCandidate, progress);
        var random = new Random(choice.seed());
        var mined = new ArrayList<List<Integer>>();
        for (int i = 0; i < anchors.size(); i++) {
            int positive = places.getOrDefault(anchors.get(i).positive(), 0);
            double most =
                    Math.min(
                            NearestTexts.cosine(ofAnchors[i], ofCorpus[positive]) - choice.margin(),
                            choice.mostSimilar());
            var hits = found.get(i);
            var kept =
                    new ArrayList<>(
                            hits
                                    .subList(Math.min(choice.from() - 1, hits.size()), hits.size())
                                    .stream()
                                    .filter(hit -> hit.cosine() <= most)
                                    .map(Hit::text)
                                    .toList());
            mined.add(chosen(kept, choice, random));
        }
        return mined;
    }

    private static List<Integer> chosen(List<Integer> ranked, Choice choice, Random random) {
        int count = Math.min(choice.count(), ranked.size());
        if (!choice.random()) {
            return List.copyOf(ranked.subList(0, count));
        }
        var drawn = new ArrayList<>(ranked);
        Collections.shuffle(drawn, random);
        drawn.subList(count, drawn.size()).clear();
        drawn.sort(Comparator.comparingInt(ranked::indexOf));
        return List.copyOf(drawn);
    }

    private boolean isCandidate(int anchor, int text) {
        var own = anchors.get(anchor);
        return !this.own.getOrDefault(own.text(), Set.of()).contains(text)
                && !labels.get(text).contains(own.label())
                && places.getOrDefault(own.text(), -1) != text;
    }
}
