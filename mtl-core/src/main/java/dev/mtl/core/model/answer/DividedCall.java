package dev.mtl.core.model.answer;

import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.inference.PlannedBatches;
import dev.mtl.core.inference.Row;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.processor.Tuning;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Supplier;

/**
 * Predictions for examples that several processes compute together. Each runs the backbone and the
 * heads on some of the batches, and one of them decodes the logits of all: predictions themselves
 * are objects of heads, which only this process has. The batches are those of a {@link Predictor}
 * that has this call alone, so the predictions have the same bits.
 */
public final class DividedCall {
    private final MultiTaskModel model;
    private final AnswerPass pass;
    private final Predictor.Call call;
    private final List<List<Row<AnswerPass.Kind, Question>>> batches;

    /**
     * Divides examples into batches, in each process into the same ones.
     *
     * @param examples two or more: a {@link Predictor} may compute a single one on all cores
     */
    public DividedCall(
            MultiTaskModel model, List<List<TokenizedText>> examples, Collection<String> tasks) {
        this.model = model;
        pass = new AnswerPass(model);
        call = Predictor.Call.of(model, examples, tasks, Wanted.PREDICTIONS);
        batches =
                PlannedBatches.of(
                        call.rows(),
                        Predictor.Options.of(model).batchTokens(),
                        Tuning.current().smallCallBatches());
    }

    /** The number of batches. */
    public int size() {
        return batches.size();
    }

    /** The tokens of a batch. */
    public long tokens(int batch) {
        return batches.get(batch).stream().mapToLong(Row::tokens).sum();
    }

    /**
     * Whether the logits of a batch are worth sending; those of heads that predict words of the
     * whole vocabulary are larger than what the backbone reads.
     */
    public boolean isDivisible(int batch) {
        return kind(batch).tasks().stream().noneMatch(task -> model.task(task).head().masks());
    }

    private AnswerPass.Kind kind(int batch) {
        return batches.get(batch).getFirst().kind();
    }

    private void run(int batch, AnswerPass.Logits logits) {
        pass.run(kind(batch), batches.get(batch).stream().map(Row::value).toList(), logits);
    }

    /** Computes a batch and decodes it; on a thread that tensors may be used on. */
    public void answer(int batch) {
        run(batch, pass::compute);
    }

    /** Computes a batch without decoding it. */
    public byte[] logits(int batch) {
        var computed = new ArrayDeque<ByteBuffer>();
        run(
                batch,
                (tasks, inputs) -> {
                    pass.compute(tasks, inputs).values().forEach(own -> computed.add(bytes(own)));
                    return new LinkedHashMap<>();
                });
        var all = ByteBuffer.allocate(computed.stream().mapToInt(ByteBuffer::capacity).sum());
        computed.forEach(all::put);
        return all.array();
    }

    /** The shape, and the numbers. */
    private static ByteBuffer bytes(Tensor logits) {
        var shape = logits.shape();
        var values = logits.toFloats();
        var bytes =
                ByteBuffer.allocate(
                        Integer.BYTES + Long.BYTES * shape.length + Float.BYTES * values.length);
        bytes.putInt(shape.length);
        for (long length : shape) {
            bytes.putLong(length);
        }
        bytes.asFloatBuffer().put(values);
        return bytes.rewind();
    }

    /** Decodes a batch that another process has computed. */
    public void answer(int batch, byte[] logits) {
        var bytes = ByteBuffer.wrap(logits);
        run(batch, new Received(bytes));
    }

    private record Received(ByteBuffer bytes) implements AnswerPass.Logits {
        @Override
        public SequencedMap<String, Tensor> of(List<String> tasks, Supplier<HeadInputs> inputs) {
            var logits = new LinkedHashMap<String, Tensor>();
            tasks.forEach(task -> logits.put(task, next()));
            return logits;
        }

        private Tensor next() {
            var shape = new long[bytes.getInt()];
            int count = 1;
            for (int i = 0; i < shape.length; i++) {
                shape[i] = bytes.getLong();
                count = Math.toIntExact(count * shape[i]);
            }
            var values = new float[count];
            bytes.asFloatBuffer().get(values);
            bytes.position(bytes.position() + Float.BYTES * count);
            return Tensors.of(values, shape);
        }
    }

    /** The predictions of each example by task, once each batch has been answered. */
    public List<SequencedMap<String, Prediction>> predictions() {
        return call.answers().stream().map(Answer::predictions).toList();
    }
}
