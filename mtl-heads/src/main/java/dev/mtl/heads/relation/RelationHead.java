package dev.mtl.heads.relation;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.Target.Relations.Relation;
import dev.mtl.core.head.Target.Relations.Span;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.WordTokens;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Two entities of a text and the text itself, as R-BERT reads them (Wu and He 2019, arXiv
 * 1905.08284): a linear layer on the first token and on the mean of each entity's words, summed,
 * then ReLU and a linear layer to the labels. The first layer is applied to every token, {@code [B,
 * S, H]} to {@code [B, S, 3 D]}, since which tokens are entities is known behind it only.
 */
final class RelationHead implements TaskHead<RelatedPairs> {
    private static final String DENSE = "dense.";
    private static final String OUT = "out.";

    private final RelationProvider.Settings settings;
    private final HeadContext context;
    private final LabelIndex labels;

    RelationHead(RelationProvider.Settings settings, HeadContext context) {
        this.settings = settings;
        this.context = context;
        this.labels = new LabelIndex(context.task(), context.labels());
    }

    static List<Relation> relations(Target target) {
        if (target instanceof Target.Relations(var relations)) {
            return relations;
        }
        throw new IllegalArgumentException(
                "relation takes a label for two entities of a text (data.kind: relations), not "
                        + target.getClass().getSimpleName());
    }

    /** The sentence is named so that long texts are cut: entities of two windows have no pair. */
    @Override
    public Set<HeadInput> inputs() {
        return Set.of(HeadInput.TOKENS, HeadInput.SENTENCE);
    }

    @Override
    public Optional<String> entitiesTask() {
        return Optional.ofNullable(settings.entities());
    }

    @Override
    public List<ParameterSpec> parameters() {
        int width = settings.width();
        int hidden = context.hiddenSize();
        int count = labels.size();
        return List.of(
                spec(DENSE + "weight", hidden, 3L * width, hidden),
                spec(DENSE + "bias", hidden, 3L * width),
                spec(OUT + "weight", width, count, width),
                spec(OUT + "bias", width, count));
    }

    private static ParameterSpec spec(String name, int fanIn, long... shape) {
        return new ParameterSpec(name, shape, new Initializer.Uniform(fanIn));
    }

    @Override
    public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
        return mode.dropout(inputs.tokens(), settings.dropout())
                .linear(parameters.get(DENSE + "weight"), parameters.get(DENSE + "bias"));
    }

    /** Pairs of which the model reads both entities. */
    @Override
    public RelatedPairs encodeTarget(Target target, TokenizedTexts texts) {
        var relations = relations(target);
        var unknown =
                relations.stream()
                        .map(Relation::label)
                        .distinct()
                        .filter(label -> labels.find(label).isEmpty())
                        .toList();
        if (!unknown.isEmpty()) {
            throw new UnknownLabelsException(unknown);
        }
        var text = texts.texts().getFirst();
        var tokens = WordTokens.first(texts.encodings().getFirst(), text.words().size());
        var pairs = new ArrayList<RelatedPairs.Pair>();
        for (var relation : withNone(relations)) {
            var first = WordSpan.of(text, relation.first()).tokens(tokens);
            var second = WordSpan.of(text, relation.second()).tokens(tokens);
            if (first.length > 0 && second.length > 0) {
                pairs.add(new RelatedPairs.Pair(first, second, labels.indexOf(relation.label())));
            }
        }
        return new RelatedPairs(pairs);
    }

    /** With the pairs of entities that have no relation, if there is a label for that. */
    private List<Relation> withNone(List<Relation> relations) {
        var label = settings.noneLabel();
        if (label == null) {
            return relations;
        }
        var entities = new LinkedHashSet<Span>();
        var named = new LinkedHashSet<List<Span>>();
        for (var relation : relations) {
            entities.add(relation.first());
            entities.add(relation.second());
            named.add(List.of(relation.first(), relation.second()));
        }
        var all = new ArrayList<>(relations);
        for (var first : entities) {
            for (var second : entities) {
                if (!first.equals(second) && !named.contains(List.of(first, second))) {
                    all.add(new Relation(first, second, label));
                }
            }
        }
        return all;
    }

    @Override
    public double lossNormalizer(List<RelatedPairs> targets) {
        return targets.stream().mapToInt(target -> target.pairs().size()).sum();
    }

    @Override
    public Tensor loss(
            Parameters parameters, Tensor logits, HeadBatch batch, List<RelatedPairs> targets) {
        int length = (int) logits.size(1);
        int tokens = targets.size() * length;
        var count = (int) lossNormalizer(targets);
        var sentences = new float[count * tokens];
        var first = new float[count * tokens];
        var second = new float[count * tokens];
        var classes = new long[count];
        int pair = 0;
        for (int row = 0; row < targets.size(); row++) {
            for (var own : targets.get(row).pairs()) {
                int from = pair * tokens + row * length;
                sentences[from] = 1;
                share(first, from, own.first());
                share(second, from, own.second());
                classes[pair++] = own.label();
            }
        }
        int width = settings.width();
        var states = logits.reshape(tokens, 3L * width);
        var hidden =
                mean(sentences, states, 0)
                        .add(mean(first, states, 1))
                        .add(mean(second, states, 2))
                        .relu();
        return hidden.linear(parameters.get(OUT + "weight"), parameters.get(OUT + "bias"))
                .crossEntropy(Tensors.of(classes, count).to(logits.device()));
    }

    private static void share(float[] shares, int from, int[] places) {
        for (int place : places) {
            shares[from + place] = 1f / places.length;
        }
    }

    /** The mean of some tokens' states, of one of the three parts. */
    private Tensor mean(float[] shares, Tensor states, int part) {
        long tokens = states.size(0);
        int width = settings.width();
        return Tensors.of(shares, shares.length / tokens, tokens)
                .to(states.device())
                .matmul(states.slice(1, (long) part * width, (part + 1L) * width));
    }

    @Override
    public List<? extends Prediction> predict(
            Parameters parameters, Tensor logits, HeadBatch batch) {
        var output =
                new Related.Output(
                        labels.labels(),
                        parameters.get(OUT + "weight").toFloatRows(),
                        parameters.get(OUT + "bias").toFloats(),
                        settings.noneLabel());
        var predictions = new ArrayList<Related>();
        for (int row = 0; row < batch.size(); row++) {
            var text = batch.texts().get(row);
            var states = logits.select(0, row).toFloatRows();
            predictions.add(
                    Related.of(
                            output,
                            text,
                            states,
                            WordTokens.first(
                                    batch.tokens().encodings().get(row), text.words().size())));
        }
        return predictions;
    }

    @Override
    public Metric newMetric() {
        return new RelationMetric(labels.labels(), settings.noneLabel());
    }

    @Override
    public String primaryMetric() {
        return "f1";
    }
}
