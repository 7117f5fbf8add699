package dev.mtl.heads.masked;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Losses;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * BERT's head: a linear layer, GELU, layer normalization, and the word embeddings of the backbone
 * as the decoder, on the N tokens of a batch that are to be predicted: {@code [B, S, H]} to logits
 * {@code [N, V]}. Its layers begin with those of the backbone's checkpoint, where it has them.
 */
final class MaskedLanguageModelHead implements TaskHead<Integer> {
    private static final String DENSE = "transform.dense.";
    private static final String NORM = "transform.LayerNorm.";
    private static final String BIAS = "decoder.bias";

    private final HeadContext context;
    private final Masks masks;

    MaskedLanguageModelHead(MaskedLanguageModelProvider.Settings settings, HeadContext context) {
        this.context = context;
        var vocabulary = context.vocabulary();
        masks = new Masks(settings, vocabulary == null ? 1 : vocabulary.size());
    }

    private HeadContext.Vocabulary vocabulary() {
        return Objects.requireNonNull(context.vocabulary(), "needs the backbone's vocabulary");
    }

    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.TOKENS);
    }

    @Override
    public boolean masks() {
        return true;
    }

    @Override
    public Encoding mask(Encoding text, long maskId, RandomGenerator random) {
        return masks.draw(text, maskId, random);
    }

    @Override
    public List<ParameterSpec> parameters() {
        int width = vocabulary().embeddingSize();
        var one = new Initializer.Constant(1);
        var zero = new Initializer.Constant(0);
        return List.of(
                pretrained(DENSE + "weight", Initializer.BERT, width, context.hiddenSize()),
                pretrained(DENSE + "bias", zero, width),
                pretrained(NORM + "weight", one, width),
                pretrained(NORM + "bias", zero, width),
                pretrained(BIAS, zero, vocabulary().size()));
    }

    /** By the names that the checkpoints of BERT, of RoBERTa, DistilBERT and ELECTRA have. */
    private static ParameterSpec pretrained(String name, Initializer otherwise, long... shape) {
        var part = name.substring(name.lastIndexOf('.') + 1);
        var older = part.equals("weight") ? "gamma" : "beta";
        var names =
                switch (name.substring(0, name.lastIndexOf('.') + 1)) {
                    case DENSE ->
                            List.of(
                                    "cls.predictions." + name,
                                    "lm_head.dense." + part,
                                    "vocab_transform." + part,
                                    "generator_predictions.dense." + part);
                    case NORM ->
                            List.of(
                                    "cls.predictions." + name,
                                    "cls.predictions.transform.LayerNorm." + older,
                                    "lm_head.layer_norm." + part,
                                    "vocab_layer_norm." + part,
                                    "generator_predictions.LayerNorm." + part);
                    default ->
                            List.of(
                                    "cls.predictions.bias",
                                    "cls.predictions.decoder.bias",
                                    "lm_head.bias",
                                    "vocab_projector.bias",
                                    "generator_lm_head.bias");
                };
        return new ParameterSpec(name, shape, new Initializer.Pretrained(names, otherwise));
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        var tokens = inputs.tokens();
        var places = places(inputs.batch());
        var index = Tensors.of(places, places.length).to(tokens.device());
        return tokens.reshape(-1, tokens.size(2))
                .indexSelect(0, index)
                .linear(parameters.get(DENSE + "weight"), parameters.get(DENSE + "bias"))
                .gelu()
                .layerNorm(
                        parameters.get(NORM + "weight"),
                        parameters.get(NORM + "bias"),
                        vocabulary().layerNormEps())
                .linear(inputs.wordEmbeddings(), parameters.get(BIAS));
    }

    /** The tokens to predict, as rows of {@code [B * S]}; the first token if there is none. */
    private static long[] places(HeadBatch batch) {
        var places = new ArrayList<Long>();
        int length = batch.tokens().length();
        for (int row = 0; row < batch.size(); row++) {
            var labels = labels(batch.tokens().encodings().get(row));
            for (int token = 0; token < labels.length; token++) {
                if (labels[token] != Masks.NONE) {
                    places.add((long) row * length + token);
                }
            }
        }
        return places.isEmpty()
                ? new long[1]
                : places.stream().mapToLong(Long::longValue).toArray();
    }

    private static long[] labels(Encoding encoding) {
        var labels = encoding.labels();
        return labels == null ? new long[0] : labels;
    }

    /** What the tokens to predict are; those that nobody knows are ignored in the loss. */
    private static long[] originals(HeadBatch batch) {
        var all = new ArrayList<Long>();
        for (var encoding : batch.tokens().encodings()) {
            for (long label : labels(encoding)) {
                if (label != Masks.NONE) {
                    all.add(label == Encoding.UNKNOWN ? Losses.IGNORE_INDEX : label);
                }
            }
        }
        return all.isEmpty()
                ? new long[] {Losses.IGNORE_INDEX}
                : all.stream().mapToLong(Long::longValue).toArray();
    }

    /** The number of tokens to predict. */
    @Override
    public Integer encodeTarget(Target target, TokenizedTexts texts) {
        return count(texts.encodings().getFirst());
    }

    private static int count(Encoding encoding) {
        int count = 0;
        for (long label : labels(encoding)) {
            count += label < 0 ? 0 : 1;
        }
        return count;
    }

    @Override
    public double lossNormalizer(List<Integer> targets) {
        return targets.stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<Integer> targets) {
        var originals = originals(batch);
        return logits.crossEntropy(Tensors.of(originals, originals.length).to(logits.device()));
    }

    @Override
    public boolean hasDivergence() {
        return true;
    }

    /** The mean over the tokens that the loss is of. */
    @Override
    public Tensor divergence(
            Parameters parameters,
            Tensor logits,
            Tensor again,
            HeadBatch batch,
            List<Integer> targets) {
        var originals = originals(batch);
        var known = new float[originals.length];
        for (int i = 0; i < known.length; i++) {
            known[i] = originals[i] == Losses.IGNORE_INDEX ? 0 : 1;
        }
        return logits.symmetricDivergence(again)
                .mul(Tensors.of(known, known.length).to(logits.device()))
                .sum()
                .div(lossNormalizer(targets));
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var originals = originals(batch);
        var losses =
                logits.crossEntropy(
                                Tensors.of(originals, originals.length).to(logits.device()),
                                null,
                                Losses.Reduction.NONE,
                                0)
                        .toFloats();
        var best = logits.argmax(-1).toLongs();
        var predictions = new ArrayList<MaskedText>();
        int next = 0;
        for (int row = 0; row < batch.size(); row++) {
            var encoding = batch.tokens().encodings().get(row);
            var labels = labels(encoding);
            var masks = new ArrayList<FilledMask>();
            int known = 0;
            double sum = 0;
            int right = 0;
            for (int token = 0; token < labels.length; token++) {
                if (labels[token] == Encoding.UNKNOWN) {
                    masks.add(FilledMask.of(encoding, token, logits.select(0, next).toFloats()));
                } else if (labels[token] != Masks.NONE) {
                    known++;
                    sum += losses[next];
                    right += best[next] == originals[next] ? 1 : 0;
                }
                next += labels[token] == Masks.NONE ? 0 : 1;
            }
            predictions.add(
                    new MaskedText(known, sum, right, batch.texts().get(row).text(), masks));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new PerplexityMetric();
    }

    @Override
    public String primaryMetric() {
        return "accuracy";
    }
}
