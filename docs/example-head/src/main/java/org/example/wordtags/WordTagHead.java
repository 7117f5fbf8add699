package org.example.wordtags;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A tag for each word, such as its part of speech: a linear layer on the word's first token. */
final class WordTagHead extends LinearTaskHead<long[]> {
    private final LabelIndex tags;

    WordTagHead(HeadContext context, double dropout) {
        super(HeadInput.TOKENS, context, dropout);
        tags = new LabelIndex(context.task(), context.labels());
    }

    static List<String> tags(Target target) {
        if (target instanceof Target.Tags(var tags)) {
            return tags;
        }
        throw new IllegalArgumentException(
                "word-tags takes a tag for each word, not " + target.getClass().getSimpleName());
    }

    /** For each token the word whose first token it is, else -1. */
    private static int[] firstTokens(Encoding encoding) {
        int[] words = encoding.wordIds().clone();
        int last = -1;
        for (int token = 0; token < words.length; token++) {
            if (words[token] == last) {
                words[token] = -1;
            }
            last = Math.max(last, words[token]);
        }
        return words;
    }

    /** For each token the index of its word's tag, or nothing to learn. */
    @Override
    public long[] encodeTarget(Target target, TokenizedTexts texts) {
        int[] indices = tags.indicesOf(tags(target));
        return Arrays.stream(firstTokens(texts.encodings().getFirst()))
                .mapToLong(word -> word < 0 ? Losses.IGNORE_INDEX : indices[word])
                .toArray();
    }

    @Override
    public double lossNormalizer(List<long[]> targets) {
        return targets.stream()
                .flatMapToLong(Arrays::stream)
                .filter(tag -> tag != Losses.IGNORE_INDEX)
                .count();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<long[]> targets) {
        int length = batch.tokens().length();
        var padded = new long[targets.size() * length];
        Arrays.fill(padded, Losses.IGNORE_INDEX);
        for (int row = 0; row < targets.size(); row++) {
            System.arraycopy(targets.get(row), 0, padded, row * length, targets.get(row).length);
        }
        return logits.view(-1, tags.size())
                .crossEntropy(Tensors.of(padded, padded.length).to(logits.device()));
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        int length = batch.tokens().length();
        long[] best = logits.argmax(-1).toLongs();
        var predictions = new ArrayList<WordTags>();
        for (int row = 0; row < batch.size(); row++) {
            var words = batch.texts().get(row).wordTexts();
            var ofWords = new ArrayList<>(Collections.nCopies(words.size(), ""));
            int[] first = firstTokens(batch.tokens().encodings().get(row));
            for (int token = 0; token < first.length; token++) {
                if (first[token] >= 0) {
                    ofWords.set(first[token], tags.label((int) best[row * length + token]));
                }
            }
            predictions.add(new WordTags(words, ofWords));
        }
        return predictions;
    }

    /** The words of a text and their tags; empty for a word without a token. */
    record WordTags(List<String> words, List<String> tags) implements Prediction {
        @Override
        public Map<String, Object> toJson() {
            return new TreeMap<>(Map.of("words", words, "tags", tags));
        }

        @Override
        public String toText() {
            return String.join(" ", tags);
        }
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }

    @Override
    public Metric newMetric() {
        return new Metric() {
            private int right;
            private int all;

            @Override
            public boolean add(Prediction prediction, Target target) {
                var predicted = ((WordTags) prediction).tags();
                var expected = tags(target);
                for (int word = 0; word < expected.size(); word++) {
                    right += expected.get(word).equals(predicted.get(word)) ? 1 : 0;
                }
                all += expected.size();
                return predicted.equals(expected);
            }

            @Override
            public Map<String, Double> scores() {
                return Map.of("accuracy", all == 0 ? 0 : (double) right / all);
            }
        };
    }
}
