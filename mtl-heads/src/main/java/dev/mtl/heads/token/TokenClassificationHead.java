package dev.mtl.heads.token;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.CrossEntropy;
import dev.mtl.heads.WordTokens;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Dropout and one linear layer on every token embedding: {@code [B, S, H]} to logits {@code [B, S,
 * C]}; cross-entropy, or a linear-chain CRF. A word's tag belongs to its first token; its other
 * tokens, special tokens and padding are ignored (Devlin et al. 2019, section 5.3).
 */
final class TokenClassificationHead extends LinearTaskHead<EncodedTags> {
    private final LabelIndex labels;
    private final Set<String> types = new HashSet<>();
    private final TagModel tagModel;
    private final @Nullable Double temperature;

    TokenClassificationHead(TokenClassificationProvider.Settings settings, HeadContext context) {
        super(HeadInput.TOKENS, context, settings.dropout());
        this.labels = new LabelIndex(context.task(), context.labels());
        context.labels().forEach(tag -> types.add(Spans.type(tag)));
        this.temperature = settings.temperature();
        boolean greedy = settings.decoding() == TokenClassificationProvider.Decoding.GREEDY;
        this.tagModel =
                settings.crf()
                        ? new LinearChainTags(context.labels(), !greedy)
                        : new IndependentTags(
                                new CrossEntropy(
                                        labels,
                                        settings.classWeights(),
                                        settings.labelSmoothing(),
                                        settings.focalGamma()),
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
    public List<ParameterSpec> parameters() {
        return Stream.concat(super.parameters().stream(), tagModel.parameters().stream()).toList();
    }

    @Override
    public Optional<LinearForm> linear() {
        return tagModel.parameters().isEmpty() ? super.linear() : Optional.empty();
    }

    /**
     * The tags of the words' first tokens. A tag is known if the training data has its type. If
     * only the prefix is new, as with the {@code I-x} of a longer name than those in the training
     * data, the tag is scored but left out of the loss.
     */
    @Override
    public EncodedTags encodeTarget(Target target, TokenizedTexts texts) {
        var tags = tags(target).tags();
        var unknown =
                tags.stream()
                        .map(Spans::type)
                        .distinct()
                        .filter(type -> !types.contains(type))
                        .toList();
        if (!unknown.isEmpty()) {
            throw new UnknownLabelsException(unknown);
        }
        return EncodedTags.of(tags, labels, WordTokens.words(texts.encodings().getFirst()));
    }

    @Override
    public double lossNormalizer(List<EncodedTags> targets) {
        double sum = 0;
        for (var target : targets) {
            for (int tag : target.tags()) {
                sum += tagModel.weight(tag);
            }
        }
        return sum;
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<EncodedTags> targets) {
        var classes = EncodedTags.padded(targets, batch.tokens().length());
        return tagModel.loss(parameters, logits, classes, targets.size());
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
        var classes = EncodedTags.padded(targets, batch.tokens().length());
        return tagModel.divergence(parameters, logits, again, classes, targets.size());
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var runs = new ArrayList<TagModel.Run>();
        var wordsOfRuns = new ArrayList<int[]>();
        for (int row = 0; row < batch.texts().size(); row++) {
            int words = batch.texts().get(row).words().size();
            var tokens = WordTokens.first(batch.tokens().encodings().get(row), words);
            // as in the loss, words without tokens are skipped
            var own = IntStream.range(0, words).filter(word -> tokens[word] >= 0).toArray();
            if (own.length > 0) {
                runs.add(
                        new TagModel.Run(
                                row, Arrays.stream(own).map(word -> tokens[word]).toArray()));
                wordsOfRuns.add(own);
            }
        }
        var choices = tagModel.choose(parameters, logits, runs);
        var predictions = new ArrayList<Tagged>();
        int run = 0;
        for (int row = 0; row < batch.texts().size(); row++) {
            int words = batch.texts().get(row).words().size();
            var tagged = new TaggedWords(labels, words);
            if (run < runs.size() && runs.get(run).row() == row) {
                tagged.set(choices.get(run), wordsOfRuns.get(run));
                run++;
            }
            predictions.add(
                    Tagged.of(
                            batch.texts().get(row), tagged, temperature == null ? 1 : temperature));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new EntityMetric(temperature);
    }

    @Override
    public String primaryMetric() {
        return "f1";
    }
}
