package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.KitExamples.KitExample;
import dev.mtl.core.head.testkit.KitExamples.KitText;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.Device;

import java.util.Arrays;
import java.util.List;

/** A batch of examples. What stands in the place of padding is far from zero, so leaks show. */
final class KitBatch {
    /** The values of padding. */
    private static final float PADDING = 50;

    private final List<KitExample> examples;
    private final List<KitText> texts;
    private final int textsPerExample;

    /** {@code [B * K, H]}. */
    private final float[] sentences;

    /** {@code [B * K, S, H]}. */
    private final float[] tokens;

    KitBatch(List<KitExample> examples, int textsPerExample) {
        this.examples = examples;
        this.textsPerExample = textsPerExample;
        texts = examples.stream().flatMap(example -> example.texts().stream()).toList();
        int hidden = KitExamples.HIDDEN;
        sentences = new float[texts.size() * hidden];
        tokens = new float[texts.size() * length() * hidden];
        Arrays.fill(tokens, PADDING);
        for (int i = 0; i < texts.size(); i++) {
            var text = texts.get(i);
            System.arraycopy(text.sentence(), 0, sentences, i * hidden, hidden);
            System.arraycopy(text.tokens(), 0, tokens, i * length() * hidden, text.tokens().length);
        }
    }

    private int length() {
        return texts.stream().mapToInt(text -> text.encoding().length()).max().orElseThrow();
    }

    int size() {
        return examples.size();
    }

    List<Target> targets() {
        return examples.stream().map(KitExample::target).toList();
    }

    /** The texts and tokens; the tensors belong to the innermost scope. */
    HeadBatch heads() {
        return new HeadBatch(
                texts.stream().map(KitText::text).toList(),
                TokenBatch.of(texts.stream().map(KitText::encoding).toList(), 0, Device.CPU),
                textsPerExample);
    }

    /** What the head reads; changes of the arrays show in inputs that are made afterwards. */
    KitInputs inputs(boolean gradients) {
        return new KitInputs(heads(), sentences, tokens, gradients);
    }
}
