package dev.mtl.core.kernel;

import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.transformer.Embeddings;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.layers.Linear;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.nio.FloatBuffer;
import java.util.function.IntUnaryOperator;

/**
 * What {@link TableEmbeddings} computes, to the bit, without an operator: one that runs once in a
 * pass has its code fetched from main memory each time (docs/decisions/015). For inference.
 *
 * @param words the rows of the vocabulary
 * @param types {@code [types, E]}, null for none
 * @param positions {@code [positions, E]}, null for none
 * @param firstPosition the row of a sequence's first token
 * @param projection to the width of the layers, null for none
 * @param norm of the sum, null for none
 */
record CpuEmbeddings(
        WordEmbeddingTable words,
        @Nullable Tensor types,
        @Nullable Tensor positions,
        int firstPosition,
        @Nullable Linear projection,
        @Nullable Norm norm)
        implements Embeddings {
    static CpuEmbeddings of(WordEmbeddingTable words, Embeddings.Names names, Kernels kernels) {
        var types = names.types();
        var positions = names.positions();
        var projection = names.projection();
        return new CpuEmbeddings(
                words,
                types == null ? null : kernels.weight(types),
                positions == null ? null : kernels.weight(positions),
                names.firstPosition(),
                projection == null ? null : kernels.linear(projection, false),
                GraphKernels.norm(names, kernels));
    }

    @Override
    public Tensor forward(Pass pass) {
        var sum = sum(pass.batch());
        if (projection == null) {
            return normalized(sum);
        }
        try (sum) {
            return normalized(projection.apply(sum));
        }
    }

    private Tensor normalized(Tensor sum) {
        return norm == null ? sum : norm.replace(sum);
    }

    /**
     * Words, token types and positions.
     *
     * @return {@code [B * S, E]}, FLOAT32, in main memory, owned by the innermost scope
     * @throws IllegalArgumentException if a table does not have the row of some token
     */
    Tensor sum(TokenBatch batch) {
        if (positions != null) {
            TableEmbeddings.requirePositions(batch, positions.size(0) - firstPosition);
        }
        int length = batch.length();
        return Tensors.written(
                DType.FLOAT32,
                memory -> {
                    words.write(batch, memory);
                    var sums = memory.asFloatBuffer();
                    if (types != null) {
                        add(types, place -> typeOf(batch, place), sums);
                    }
                    if (positions != null) {
                        add(positions, place -> firstPosition + place % length, sums);
                    }
                },
                (long) batch.rows() * length,
                words.width());
    }

    private static int typeOf(TokenBatch batch, int place) {
        var typeIds = batch.encodings().get(place / batch.length()).typeIds();
        int index = place % batch.length();
        return index < typeIds.length ? Math.toIntExact(typeIds[index]) : 0;
    }

    /** Adds to each place its row of a table. */
    private void add(Tensor table, IntUnaryOperator rowOf, FloatBuffer sums) {
        int width = words.width();
        table.readFloats(
                rows -> {
                    var row = new float[width];
                    var sum = new float[width];
                    int inRow = -1;
                    for (int place = 0; place * width < sums.limit(); place++) {
                        int wanted = rowOf.applyAsInt(place);
                        if (wanted < 0 || wanted >= table.size(0)) {
                            throw new IllegalArgumentException(
                                    "row " + wanted + " of embeddings " + table);
                        }
                        if (wanted != inRow) {
                            rows.get(wanted * width, row);
                            inRow = wanted;
                        }
                        sums.get(place * width, sum);
                        for (int i = 0; i < width; i++) {
                            sum[i] += row[i];
                        }
                        sums.put(place * width, sum);
                    }
                    return sums;
                });
    }
}
