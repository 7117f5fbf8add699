package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Calls a head with values worked out by hand, without a backbone. Tensors belong to the innermost
 * scope, which the test opens.
 */
public final class HeadUnderTest {
    private final TaskHead<Object> head;
    private final Parameters parameters;

    private HeadUnderTest(TaskHead<Object> head, Parameters parameters) {
        this.head = head;
        this.parameters = parameters;
    }

    /** A head whose loss and predictions need no parameters. */
    public static HeadUnderTest of(TaskHead<?> head) {
        return of(head, Map.of());
    }

    /** A head with parameters, by their names. */
    @SuppressWarnings("unchecked") // its targets come from its own encodeTarget
    public static HeadUnderTest of(TaskHead<?> head, Map<String, Tensor> parameters) {
        return new HeadUnderTest((TaskHead<Object>) head, new Parameters(parameters));
    }

    /** The head itself. */
    public TaskHead<?> head() {
        return head;
    }

    /**
     * The logits in evaluation mode.
     *
     * @param input {@code [B, H]}, {@code [B, S, H]} or {@code [B, K, H]}, as the head reads it
     */
    public Tensor forward(Tensor input, HeadBatch batch) {
        return head.forward(parameters, new FixedInputs(input, batch), Mode.EVALUATION);
    }

    /** What the loss of a batch is divided by. */
    public double lossNormalizer(HeadBatch batch, List<Target> targets) {
        return head.lossNormalizer(encode(batch, targets));
    }

    /** The mean loss of a batch. */
    public Tensor loss(Tensor logits, HeadBatch batch, List<Target> targets) {
        return head.loss(parameters, logits, batch, encode(batch, targets));
    }

    /** The mean loss of a batch, with the parts that the head names. */
    public TaskHead.LossParts lossWithParts(Tensor logits, HeadBatch batch, List<Target> targets) {
        return head.lossWithParts(parameters, logits, batch, encode(batch, targets));
    }

    /** The predictions for a batch. */
    public List<? extends Prediction> predict(Tensor logits, HeadBatch batch) {
        return head.predict(parameters, logits, batch);
    }

    /** The labels of a target that the head's training data does not have. */
    public List<String> unknownLabels(Target target) {
        try {
            // a word with one piece for each tag
            int words = target instanceof Target.Tags(var tags) ? tags.size() : 1;
            head.encodeTarget(
                    target,
                    TokenizedTexts.of(
                            PreTokenizedText.ofWords(Collections.nCopies(words, "a")),
                            encoding(words)));
            return List.of();
        } catch (UnknownLabelsException e) {
            return e.labels();
        }
    }

    private List<Object> encode(HeadBatch batch, List<Target> targets) {
        var encoded = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            encoded.add(head.encodeTarget(targets.get(i), batch.example(i)));
        }
        return encoded;
    }

    /** Examples of one text whose words play no part. */
    public static HeadBatch batch(int examples) {
        return batch(examples, 1);
    }

    /** Examples of several texts whose words play no part. */
    public static HeadBatch batch(int examples, int textsPerExample) {
        int texts = examples * textsPerExample;
        return new HeadBatch(
                Collections.nCopies(texts, PreTokenizedText.ofWords(List.of("a"))),
                TokenBatch.of(Collections.nCopies(texts, encoding(1)), 0, Device.CPU),
                textsPerExample);
    }

    /** [CLS], words of one piece each, [SEP]. */
    private static Encoding encoding(int words) {
        int length = words + 2;
        var wordIds = new int[length];
        for (int i = 0; i < length; i++) {
            wordIds[i] = i == length - 1 ? -1 : i - 1;
        }
        return new Encoding(
                new long[length],
                new long[length],
                wordIds,
                new int[length],
                new int[length],
                false);
    }
}
