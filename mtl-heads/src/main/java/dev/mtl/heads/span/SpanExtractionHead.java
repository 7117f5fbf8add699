package dev.mtl.heads.span;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.LinearTaskHead;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.Target.Answers.Answer;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalInt;

/**
 * Dropout and one linear layer on every token of a question and a text read together: {@code [B, S,
 * H]} to {@code [B, S, 2]}, how well an answer begins and ends there (Devlin et al. 2019, section
 * 4.2). The first token, such as [CLS], is both in a window without an answer.
 */
final class SpanExtractionHead extends LinearTaskHead<SpanExtractionHead.Tokens> {
    private static final double PADDING = -1e9;

    private final SpanExtractionProvider.Settings settings;

    /** The first and the last token of an answer; 0 and 0 for none. */
    record Tokens(int first, int last) {
        static final Tokens NONE = new Tokens(0, 0);
    }

    SpanExtractionHead(SpanExtractionProvider.Settings settings, HeadContext context) {
        super(HeadInput.PAIR_TOKENS, context, 2, settings.dropout());
        this.settings = settings;
    }

    static List<Answer> answers(Target target) {
        if (target instanceof Target.Answers(var answers)) {
            return answers;
        }
        throw new IllegalArgumentException(
                "span-extraction takes the answers to a question (data.format: squad, or data.kind:"
                        + " answers), not "
                        + target.getClass().getSimpleName());
    }

    @Override
    public OptionalInt pairStride() {
        return OptionalInt.of(settings.stride());
    }

    /** The tokens of the first answer; none if a part of it is outside of the window. */
    @Override
    public Tokens encodeTarget(Target target, TokenizedTexts texts) {
        var answers = answers(target);
        return answers.isEmpty() ? Tokens.NONE : tokens(answers.getFirst(), texts.pair());
    }

    private static Tokens tokens(Answer answer, TokenizedPair pair) {
        var encoding = pair.encoding();
        int from = pair.secondBegin();
        int to = pair.secondEnd();
        if (from == to
                || encoding.starts()[from] > answer.start()
                || encoding.ends()[to - 1] < answer.end()) {
            return Tokens.NONE;
        }
        int first = from;
        while (first + 1 < to && encoding.starts()[first + 1] <= answer.start()) {
            first++;
        }
        int last = to - 1;
        while (last > first && encoding.ends()[last - 1] >= answer.end()) {
            last--;
        }
        return new Tokens(first, last);
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Tokens> targets) {
        return lossWithParts(parameters, logits, batch, targets).loss();
    }

    /** The mean of the cross-entropies of the first and of the last tokens, its parts. */
    @Override
    public LossParts lossWithParts(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Tokens> targets) {
        var masked = masked(logits, batch);
        var start = loss(masked, 0, targets.stream().mapToLong(Tokens::first).toArray());
        var end = loss(masked, 1, targets.stream().mapToLong(Tokens::last).toArray());
        var parts = new LinkedHashMap<String, Tensor>();
        parts.put("start", start);
        parts.put("end", end);
        return new LossParts(start.add(end).mul(0.5), parts);
    }

    private static Tensor loss(Tensor logits, int which, long[] tokens) {
        return logits.select(2, which)
                .crossEntropy(Tensors.of(tokens, tokens.length).to(logits.device()));
    }

    @Override
    public boolean hasDivergence() {
        return true;
    }

    /** The mean of those between the distributions of the first and of the last tokens. */
    @Override
    public Tensor divergence(
            Parameters parameters,
            Tensor logits,
            Tensor again,
            HeadBatch batch,
            List<Tokens> targets) {
        var one = masked(logits, batch);
        var other = masked(again, batch);
        return one.transpose(1, 2).symmetricDivergence(other.transpose(1, 2)).mean();
    }

    /** Where there is padding, nothing begins or ends. */
    private static Tensor masked(Tensor logits, HeadBatch batch) {
        var tokens = batch.pairTokens();
        if (!tokens.isPadded()) {
            return logits;
        }
        int length = tokens.length();
        var mask = new float[batch.size() * length];
        for (int row = 0; row < batch.size(); row++) {
            for (int i = tokens.encodings().get(row).length(); i < length; i++) {
                mask[row * length + i] = (float) PADDING;
            }
        }
        return logits.add(Tensors.of(mask, batch.size(), length, 1).to(logits.device()));
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        int length = (int) logits.size(1);
        var all = logits.toFloats();
        var predictions = new ArrayList<FoundAnswer>();
        for (int row = 0; row < batch.size(); row++) {
            var pair = batch.pairs().get(row);
            predictions.add(
                    FoundAnswer.of(
                            pair.second().text(),
                            Candidate.best(all, row * length, pair, settings.maxAnswerLength()),
                            all[row * length * 2] + all[row * length * 2 + 1],
                            settings));
        }
        return predictions;
    }

    @Override
    public Prediction mergeWindows(List<? extends Prediction> windows) {
        return FoundAnswer.merge(windows.stream().map(FoundAnswer.class::cast).toList(), settings);
    }

    @Override
    public Metric newMetric() {
        return new AnswerMetric();
    }

    @Override
    public String primaryMetric() {
        return "f1";
    }
}
