package dev.mtl.heads.token;

import dev.mtl.core.head.LabelIndex;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.CrossEntropy;
import dev.mtl.torch.Tensor;

import java.util.Arrays;
import java.util.List;

/** Independent tags: softmax and cross-entropy for each word. */
final class IndependentTags implements TagModel {
    private final CrossEntropy crossEntropy;
    private final int count;
    private final boolean greedy;
    private final BioDecoder decoder;

    IndependentTags(CrossEntropy crossEntropy, List<String> tags, boolean greedy) {
        this.crossEntropy = crossEntropy;
        this.count = tags.size();
        this.greedy = greedy;
        this.decoder = new BioDecoder(tags);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return List.of();
    }

    @Override
    public double weight(int tag) {
        return crossEntropy.weight(tag);
    }

    @Override
    public Tensor loss(Parameters parameters, Tensor logits, long[] classes, int batchSize) {
        return crossEntropy.loss(logits.view(-1, count), classes);
    }

    @Override
    public Tensor divergence(
            Parameters parameters, Tensor logits, Tensor again, long[] classes, int batchSize) {
        return crossEntropy.divergence(logits.view(-1, count), again.view(-1, count), classes);
    }

    @Override
    public List<Choice> choose(Parameters parameters, Tensor logits, List<Run> runs) {
        int length = (int) logits.size(1);
        var probabilities = logits.softmax(-1).toFloats();
        return runs.stream().map(run -> choose(run, length, probabilities)).toList();
    }

    private Choice choose(Run run, int length, float[] probabilities) {
        int words = run.tokens().length;
        var tags = new int[words];
        var logs = new double[words][count];
        var rows = new float[words][];
        for (int i = 0; i < words; i++) {
            int start = (run.row() * length + run.tokens()[i]) * count;
            tags[i] = LabelIndex.argmax(probabilities, start, count);
            for (int tag = 0; tag < count; tag++) {
                logs[i][tag] = Math.log(probabilities[start + tag]);
            }
            rows[i] = Arrays.copyOfRange(probabilities, start, start + count);
        }
        return new Choice(greedy ? tags : decoder.decode(logs), rows);
    }
}
