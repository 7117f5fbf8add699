package dev.mtl.heads.token;

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
import dev.mtl.heads.CrossEntropy;
import dev.mtl.heads.WordTokens;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Dropout and one linear layer on every token embedding: {@code [B, S, H]} to logits {@code [B, S,
 * C]}; cross-entropy. A word's tag belongs to its first token, and words are independent of each
 * other.
 */
final class TaggingHead extends LinearTaskHead<EncodedTags> {
    private final TaggingProvider.Settings settings;
    private final LabelIndex labels;
    private final CrossEntropy crossEntropy;

    TaggingHead(TaggingProvider.Settings settings, HeadContext context) {
        super(HeadInput.TOKENS, context, settings.dropout());
        this.settings = settings;
        labels = new LabelIndex(context.task(), context.labels());
        crossEntropy = new CrossEntropy(labels, settings.classWeights(), settings.labelSmoothing());
    }

    static List<String> tags(Target target) {
        if (target instanceof Target.Tags(var tags)) {
            return tags;
        }
        throw new IllegalArgumentException(
                "tagging takes a tag for each word, not " + target.getClass().getSimpleName());
    }

    @Override
    public EncodedTags encodeTarget(Target target, TokenizedTexts texts) {
        var tags = tags(target);
        labels.indicesOf(tags); // throws for tags that the training data does not have
        return EncodedTags.of(tags, labels, WordTokens.words(texts.encodings().getFirst()));
    }

    @Override
    public double lossNormalizer(List<EncodedTags> targets) {
        return targets.stream()
                .flatMapToInt(target -> IntStream.of(target.tags()))
                .mapToDouble(crossEntropy::weight)
                .sum();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<EncodedTags> targets) {
        return crossEntropy.loss(
                logits.view(-1, labels.size()),
                EncodedTags.padded(targets, batch.tokens().length()));
    }

    @Override
    public boolean hasDivergence() {
        return true;
    }

    @Override
    public Tensor divergence(
            Parameters parameters,
            Tensor logits,
            Tensor again,
            HeadBatch batch,
            List<EncodedTags> targets) {
        int count = labels.size();
        return crossEntropy.divergence(
                logits.view(-1, count),
                again.view(-1, count),
                EncodedTags.padded(targets, Math.toIntExact(logits.size(1))));
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        int count = labels.size();
        int length = (int) logits.size(1);
        var all = logits.toFloats();
        var predictions = new ArrayList<TaggedText>();
        for (int row = 0; row < batch.size(); row++) {
            var text = batch.texts().get(row);
            var tokens = WordTokens.first(batch.tokens().encodings().get(row), text.words().size());
            var ofWords = new float[tokens.length] @Nullable [];
            for (int word = 0; word < tokens.length; word++) {
                int from = (row * length + tokens[word]) * count;
                ofWords[word] =
                        tokens[word] < 0 ? null : Arrays.copyOfRange(all, from, from + count);
            }
            predictions.add(TaggedText.of(text, labels, ofWords, settings.divisor()));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new TagMetric(labels.labels(), settings.temperature());
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }
}
