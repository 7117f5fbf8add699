package dev.mtl.core.bert;

import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.nio.FloatBuffer;
import java.util.function.IntUnaryOperator;

/**
 * What {@link Bert#sum} gives, to the bit, but without an operator: one that runs once in a pass
 * has its code fetched from main memory each time (docs/decisions/015).
 */
final class CpuEmbeddings {
    private final WordEmbeddingTable words;
    private final @Nullable Tensor types;
    private final Tensor positions;
    private final int firstPosition;

    /**
     * @param weights of a BERT without its words; they belong to a scope that outlives this
     */
    CpuEmbeddings(WordEmbeddingTable words, Parameters weights, BertConfig config) {
        this.words = words;
        var own = weights.in("embeddings");
        types = config.typeVocabSize() == 0 ? null : own.get("token_type_embeddings.weight");
        positions = own.get("position_embeddings.weight");
        firstPosition = config.firstPosition();
    }

    /**
     * The sums for a batch.
     *
     * @return {@code [B * S, H]}, FLOAT32, in main memory, owned by the innermost scope
     * @throws IllegalArgumentException if a table does not have the row of some token
     */
    Tensor of(TokenBatch batch) {
        int length = batch.length();
        return Tensors.written(
                DType.FLOAT32,
                memory -> {
                    words.write(batch, memory);
                    var sums = memory.asFloatBuffer();
                    if (types != null) {
                        add(types, place -> typeOf(batch, place), sums);
                    }
                    add(positions, place -> firstPosition + place % length, sums);
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
