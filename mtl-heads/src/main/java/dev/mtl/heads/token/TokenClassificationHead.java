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
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Dropout and one linear layer on every token embedding: {@code [B, S, H]} to logits {@code [B, S,
 * C]}; cross-entropy. A word's tag stands at its first piece; further pieces, special tokens and
 * padding take no part (Devlin et al. 2019, section 5.3).
 */
final class TokenClassificationHead implements TaskHead {
    private final TokenClassificationProvider.Settings settings;
    private final HeadContext context;
    private final LabelIndex labels;
    private final CrossEntropy crossEntropy;
    private final BioDecoder decoder;

    TokenClassificationHead(TokenClassificationProvider.Settings settings, HeadContext context) {
        this.settings = settings;
        this.context = context;
        this.labels = new LabelIndex(context.task(), context.labels());
        this.decoder = new BioDecoder(context.labels());
        this.crossEntropy =
                new CrossEntropy(
                        context.task(), labels, settings.classWeights(), settings.labelSmoothing());
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
        return ParameterSpec.linear(context.hiddenSize(), labels.size());
    }

    @Override
    public Tensor forward(Parameters parameters, Tensor input, Mode mode) {
        return mode.dropout(input, settings.dropout())
                .linear(parameters.get("weight"), parameters.get("bias"));
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
                    items += label < 0 ? 1 : crossEntropy.weight(label);
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
        return crossEntropy.loss(logits.view(-1, labels.size()), classes);
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
        int length = batch.tokens().length();
        var probabilities = logits.softmax(-1).toFloats();
        var predictions = new ArrayList<Tagged>();
        for (int row = 0; row < batch.texts().size(); row++) {
            var words = batch.texts().get(row).words();
            // A word beyond max_length, or without any piece, has no row: it is outside.
            var first = firstPieces(batch.tokens().encodings().get(row));
            var rows = new float[words.size()][0];
            for (int i = 0; i < first.length; i++) {
                if (first[i] >= 0) {
                    int start = (row * length + i) * labels.size();
                    rows[first[i]] =
                            Arrays.copyOfRange(probabilities, start, start + labels.size());
                }
            }
            var best = decode(rows);
            var tags = new ArrayList<String>();
            var scores = new float[words.size()];
            for (int word = 0; word < best.length; word++) {
                var own = rows[word];
                tags.add(own.length == 0 ? Spans.OUTSIDE : labels.label(best[word]));
                scores[word] = own.length == 0 ? 0 : own[best[word]];
            }
            predictions.add(Tagged.of(batch.texts().get(row), tags, scores));
        }
        return predictions;
    }

    /**
     * A tag for each word.
     *
     * @param rows its probabilities; none for words without tokens
     */
    private int[] decode(float[][] rows) {
        if (settings.decoding() == TokenClassificationProvider.Decoding.GREEDY) {
            return Arrays.stream(rows)
                    .mapToInt(row -> row.length == 0 ? 0 : LabelIndex.argmax(row, 0, row.length))
                    .toArray();
        }
        var logs = new double[rows.length][labels.size()];
        for (int word = 0; word < rows.length; word++) {
            var row = rows[word];
            for (int tag = 0; tag < labels.size(); tag++) {
                // a word without probabilities is outside, and nothing goes on behind it
                logs[word][tag] =
                        row.length > 0
                                ? Math.log(row[tag])
                                : labels.label(tag).equals(Spans.OUTSIDE)
                                        ? 0
                                        : Double.NEGATIVE_INFINITY;
            }
        }
        return decoder.decode(logs);
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
