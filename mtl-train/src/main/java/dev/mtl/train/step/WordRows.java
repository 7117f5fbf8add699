package dev.mtl.train.step;

import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.train.sampling.MicroBatch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The rows of the word embeddings that the texts of a step read. The gradients of all others are
 * zeros, which need not be added, nor sent to other processes: in a small model, the word
 * embeddings are half of all weights.
 */
public final class WordRows {
    private final int parameter;
    private final long[] table;
    private final long[] ids;

    /**
     * Rows of a table.
     *
     * @param parameter its place among the parameters of the model
     * @param table its shape {@code [V, E]}
     * @param ids of the rows, ascending
     */
    WordRows(int parameter, long[] table, long[] ids) {
        this.parameter = parameter;
        this.table = table.clone();
        this.ids = ids.clone();
    }

    /**
     * The rows of a step; the same in all processes, which know all of its texts.
     *
     * @param trainable which parameters train
     * @return null if the table does not train, if heads read it as a whole, or if the step reads
     *     more than half of it
     */
    public static @Nullable WordRows of(
            MultiTaskModel model, Predicate<String> trainable, List<MicroBatch> step) {
        int parameter = new ArrayList<>(model.parameters().names()).indexOf(BertWeights.WORDS);
        if (model.masks() || parameter < 0 || !trainable.test(BertWeights.WORDS)) {
            return null;
        }
        var table = model.parameters().get(BertWeights.WORDS).shape();
        var ids = ids(step, model.tokenizer().padId());
        return 2L * ids.length > table[0] ? null : new WordRows(parameter, table, ids);
    }

    private static long[] ids(List<MicroBatch> step, long padId) {
        var read = new BitSet();
        read.set(Math.toIntExact(padId));
        step.stream()
                .flatMap(WordRows::encodings)
                .flatMapToLong(encoding -> Arrays.stream(encoding.ids()))
                .forEach(id -> read.set(Math.toIntExact(id)));
        return read.stream().asLongStream().toArray();
    }

    private static Stream<Encoding> encodings(MicroBatch batch) {
        return Stream.concat(
                batch.encodings().stream(), batch.pairs().stream().map(TokenizedPair::encoding));
    }

    /** The place of the word embeddings among the parameters. */
    public int parameter() {
        return parameter;
    }

    /** The shape of the rows: {@code [n, E]}. */
    public long[] shape() {
        return new long[] {ids.length, table[1]};
    }

    /** The rows of a gradient of the whole table; owned by the innermost scope. */
    public Tensor of(Tensor gradient) {
        return gradient.indexSelect(0, index(gradient.device()));
    }

    /** The gradient of the whole table, zero where no text reads; owned by the innermost scope. */
    public Tensor whole(Tensor rows) {
        return Tensors.full(DType.FLOAT32, rows.device(), 0, table)
                .indexCopy(0, index(rows.device()), rows);
    }

    /** Adds a gradient of the whole table to a sum of such, in place. */
    void addInPlace(Tensor sum, Tensor gradient) {
        var rows = of(sum);
        Gradients.addInPlace(List.of(rows), List.of(of(gradient)), 1);
        sum.indexCopy(0, index(sum.device()), rows);
    }

    private Tensor index(Device device) {
        return Tensors.of(ids, ids.length).to(device);
    }
}
