package dev.mtl.train.step.several;

import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;
import dev.mtl.train.sampling.MicroBatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rows of the word embeddings that the texts of a step read. The gradients of all others are
 * zeros, which need not travel: in a small model, the word embeddings are half of all weights.
 */
final class WordRows {
    private final int parameter;
    private final long[] table;
    private final long[] ids;

    /**
     * The place of the word embeddings among the parameters of a model.
     *
     * @return empty if heads read the whole table, so that every row has a gradient
     */
    static Optional<Integer> parameter(MultiTaskModel model) {
        int place = new ArrayList<>(model.parameters().names()).indexOf(BertWeights.WORDS);
        return model.masks() || place < 0 ? Optional.empty() : Optional.of(place);
    }

    /**
     * The rows of a step; the same in all processes, which know all of its texts.
     *
     * @param parameter the place of the word embeddings
     * @param table their shape {@code [V, E]}
     * @param padId the token that texts are padded with
     */
    WordRows(int parameter, long[] table, List<MicroBatch> step, long padId) {
        this.parameter = parameter;
        this.table = table.clone();
        var read = new BitSet(Math.toIntExact(table[0]));
        read.set(Math.toIntExact(padId));
        step.stream()
                .flatMap(WordRows::encodings)
                .flatMapToLong(encoding -> Arrays.stream(encoding.ids()))
                .forEach(id -> read.set(Math.toIntExact(id)));
        ids = read.stream().asLongStream().toArray();
    }

    private static Stream<Encoding> encodings(MicroBatch batch) {
        return Stream.concat(
                batch.encodings().stream(), batch.pairs().stream().map(TokenizedPair::encoding));
    }

    /** The place of the word embeddings among the parameters. */
    int parameter() {
        return parameter;
    }

    /** The shape of the rows: {@code [n, E]}. */
    long[] shape() {
        return new long[] {ids.length, table[1]};
    }

    /** Whether they are more than half of all: the whole table may travel as well. */
    boolean areMost() {
        return 2L * ids.length > table[0];
    }

    /** The rows of a gradient of the whole table; owned by the innermost scope. */
    Tensor of(Tensor gradient) {
        return gradient.indexSelect(0, Tensors.of(ids, ids.length));
    }

    /** The gradient of the whole table, zero where no text reads; owned by the innermost scope. */
    Tensor whole(Tensor rows) {
        var places = new long[Math.toIntExact(table[0])];
        Arrays.fill(places, ids.length);
        for (int i = 0; i < ids.length; i++) {
            places[Math.toIntExact(ids[i])] = i;
        }
        var zeros = Tensors.full(DType.FLOAT32, Device.CPU, 0, 1, table[1]);
        return Tensors.cat(List.of(rows, zeros), 0)
                .indexSelect(0, Tensors.of(places, places.length));
    }
}
