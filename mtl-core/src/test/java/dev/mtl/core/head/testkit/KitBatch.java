package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.KitExamples.KitExample;
import dev.mtl.core.head.testkit.KitExamples.KitPair;
import dev.mtl.core.head.testkit.KitExamples.KitText;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.torch.Device;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** A batch of examples. The values of padding are far from zero, so that leaks show. */
final class KitBatch {
    private static final float PADDING = 50;

    private final List<KitExample> examples;
    private final List<KitText> texts;
    private final List<KitPair> pairs;
    private final int textsPerExample;
    private final float[] sentences;
    private final float[] tokens;
    private final float[] pairSentences;
    private final float[] pairTokens;

    KitBatch(List<KitExample> examples, int textsPerExample) {
        this.examples = examples;
        this.textsPerExample = textsPerExample;
        texts = examples.stream().flatMap(example -> example.texts().stream()).toList();
        pairs =
                examples.stream()
                        .flatMap(example -> Stream.ofNullable(example.pair()))
                        .map(Objects::requireNonNull)
                        .toList();
        sentences = padded(texts.stream().map(KitText::sentence).toList());
        tokens = padded(texts.stream().map(KitText::tokens).toList());
        pairSentences = padded(pairs.stream().map(KitPair::sentence).toList());
        pairTokens = padded(pairs.stream().map(KitPair::tokens).toList());
    }

    /** Rows of equal length, one after the other. */
    private static float[] padded(List<float[]> rows) {
        int length = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        var all = new float[rows.size() * length];
        Arrays.fill(all, PADDING);
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * length, rows.get(i).length);
        }
        return all;
    }

    int size() {
        return examples.size();
    }

    List<Target> targets() {
        return examples.stream().map(KitExample::target).toList();
    }

    /** The texts and tokens; the tensors belong to the innermost scope. */
    HeadBatch heads() {
        var all = texts.stream().map(KitText::text).toList();
        var encoded = tokens(texts.stream().map(KitText::encoding).toList());
        return pairs.isEmpty()
                ? new HeadBatch(all, encoded, textsPerExample)
                : new HeadBatch(
                        all,
                        encoded,
                        pairs.stream().map(KitPair::pair).toList(),
                        tokens(pairs.stream().map(pair -> pair.pair().encoding()).toList()));
    }

    private static TokenBatch tokens(List<Encoding> encodings) {
        return TokenBatch.of(encodings, 0, Device.CPU);
    }

    /** What the head reads; changes of the values show in inputs that are made afterwards. */
    KitInputs inputs(boolean gradients) {
        return new KitInputs(
                heads(),
                new KitInputs.Values(sentences, tokens, pairSentences, pairTokens),
                gradients);
    }
}
