package dev.mtl.heads.token;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Scorer;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.heads.CrossEntropy;
import dev.mtl.heads.LabelIndex;
import dev.mtl.heads.LinearLayer;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * Dropout and one linear layer on every token embedding: {@code [B, S, H]} to logits {@code [B, S,
 * C]}; cross-entropy, or a linear-chain CRF. A word's tag stands at its first piece; further
 * pieces, special tokens and padding take no part (Devlin et al. 2019, section 5.3).
 */
final class TokenClassificationHead implements TaskHead {
    private final HeadContext context;
    private final LinearLayer layer;
    private final LabelIndex labels;
    private final TagModel tagModel;

    TokenClassificationHead(TokenClassificationProvider.Settings settings, HeadContext context) {
        this.context = context;
        this.labels = new LabelIndex(context.task(), context.labels());
        this.layer = new LinearLayer(context.hiddenSize(), labels.size(), settings.dropout());
        boolean greedy = settings.decoding() == TokenClassificationProvider.Decoding.GREEDY;
        this.tagModel =
                settings.crf()
                        ? new LinearChainTags(context.labels(), !greedy)
                        : new IndependentTags(
                                new CrossEntropy(
                                        context.task(),
                                        labels,
                                        settings.classWeights(),
                                        settings.labelSmoothing()),
                                context.labels(),
                                greedy);
    }

    static Target.Tags tags(Target target) {
        if (target instanceof Target.Tags tags) {
            return tags;
        }
        throw new IllegalArgumentException(
                "token-classification takes a tag for each word, not "
                        + target.getClass().getSimpleName());
    }

    @Override
    public HeadInput input() {
        return HeadInput.TOKENS;
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.concat(layer.parameters().stream(), tagModel.parameters().stream()).toList();
    }

    @Override
    public Tensor forward(Parameters parameters, Tensor input, Mode mode) {
        return tagModel.scores(layer.forward(parameters, input, mode), parameters);
    }

    @Override
    public double items(List<Encoding> encodings, List<Target> targets) {
        double items = 0;
        for (int row = 0; row < encodings.size(); row++) {
            var tags = tags(targets.get(row)).tags();
            for (int word : firstPieces(encodings.get(row))) {
                if (word >= 0) {
                    int label = context.labels().indexOf(tags.get(word));
                    // a tag that training has not seen is the loss's to report
                    items += label < 0 ? 1 : tagModel.weight(label);
                }
            }
        }
        return items;
    }

    @Override
    public Tensor loss(Tensor logits, HeadBatch batch, List<Target> targets) {
        int length = batch.tokens().length();
        var classes = new long[targets.size() * length];
        Arrays.fill(classes, Losses.IGNORE_INDEX);
        for (int row = 0; row < targets.size(); row++) {
            var tags = tags(targets.get(row)).tags();
            var words = firstPieces(batch.tokens().encodings().get(row));
            for (int i = 0; i < words.length; i++) {
                if (words[i] >= 0) {
                    classes[row * length + i] = labels.of(tags.get(words[i]));
                }
            }
        }
        return tagModel.loss(logits, classes, targets.size());
    }

    /** For each token the word whose first piece it is, else -1. */
    private static int[] firstPieces(Encoding encoding) {
        var words = encoding.wordIds().clone();
        int last = -1;
        for (int i = 0; i < words.length; i++) {
            if (words[i] == last) {
                words[i] = -1;
            } else if (words[i] >= 0) {
                last = words[i];
            }
        }
        return words;
    }

    @Override
    public List<? extends Prediction> predict(Tensor logits, HeadBatch batch) {
        var runs = new ArrayList<TagModel.Run>();
        var firstWords = new ArrayList<Integer>();
        for (int row = 0; row < batch.texts().size(); row++) {
            int words = batch.texts().get(row).words().size();
            var tokens = tokens(batch.tokens().encodings().get(row), words);
            for (int from = 0; from < words; ) {
                int to = from;
                while (to < words && tokens[to] >= 0) {
                    to++;
                }
                if (to > from) {
                    runs.add(new TagModel.Run(row, Arrays.copyOfRange(tokens, from, to)));
                    firstWords.add(from);
                }
                from = to + 1;
            }
        }
        var choices = tagModel.choose(logits, runs);
        var predictions = new ArrayList<Tagged>();
        int run = 0;
        for (int row = 0; row < batch.texts().size(); row++) {
            int words = batch.texts().get(row).words().size();
            // A word beyond max_length, or without any piece, is outside of every entity.
            var tags = new ArrayList<>(Collections.nCopies(words, Spans.OUTSIDE));
            var scores = new float[words];
            for (; run < runs.size() && runs.get(run).row() == row; run++) {
                var choice = choices.get(run);
                for (int i = 0; i < choice.tags().length; i++) {
                    tags.set(firstWords.get(run) + i, labels.label(choice.tags()[i]));
                    scores[firstWords.get(run) + i] = choice.probabilities()[i];
                }
            }
            predictions.add(Tagged.of(batch.texts().get(row), tags, scores));
        }
        return predictions;
    }

    /** For each word its first piece, -1 if it has none. */
    private static int[] tokens(Encoding encoding, int words) {
        var tokens = new int[words];
        Arrays.fill(tokens, -1);
        var first = firstPieces(encoding);
        for (int i = 0; i < first.length; i++) {
            if (first[i] >= 0) {
                tokens[first[i]] = i;
            }
        }
        return tokens;
    }

    @Override
    public Scorer newScorer() {
        return new EntityScorer();
    }

    @Override
    public String mainScore() {
        return "f1";
    }
}
