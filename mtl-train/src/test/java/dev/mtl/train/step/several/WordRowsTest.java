package dev.mtl.train.step.several;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.testing.TinyTraining;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

@ExtendWith(LeavesNoTensorBehind.class)
class WordRowsTest {
    private static final long PAD = 0;

    @TempDir private Path folder;

    private List<MicroBatch> step() {
        var config = TestConfigs.training("{batch_size: 8, gradient_accumulation_steps: 1}");
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0);
                var training =
                        new TrainingSet(
                                model,
                                config,
                                List.of(TinyTraining.encode(model, TinyTraining.data(8, 3))))) {
            return training.microBatches(0, training.step(0));
        }
    }

    private static long[] idsOf(List<MicroBatch> step) {
        return step.stream()
                .flatMap(batch -> batch.encodings().stream())
                .flatMapToLong(encoding -> Arrays.stream(encoding.ids()))
                .distinct()
                .sorted()
                .toArray();
    }

    /** Numbers in the rows of some tokens, zeros in all others. */
    private static Tensor gradient(long[] ids, int vocabulary, int width) {
        var values = new float[vocabulary * width];
        for (long id : ids) {
            for (int i = 0; i < width; i++) {
                values[(int) id * width + i] = id + i / 10f;
            }
        }
        return Tensors.of(values, vocabulary, width);
    }

    @Test
    void aGradientComesBackFromItsRowsAsItWas() {
        var step = step();
        var ids = idsOf(step);
        int vocabulary = 5 * ids.length + (int) ids[ids.length - 1];
        var rows = new WordRows(3, new long[] {vocabulary, 4}, step, PAD);
        try (var _ = TensorScope.open()) {
            var gradient = gradient(ids, vocabulary, 4);

            var kept = rows.of(gradient);

            assertThat(kept.shape()).isEqualTo(rows.shape());
            assertThat(rows.whole(kept).toFloats()).containsExactly(gradient.toFloats());
        }
        assertThat(rows.areMost()).isFalse();
        assertThat(rows.shape()).containsExactly(withPad(ids), 4);
    }

    private static long withPad(long[] ids) {
        return ids.length + (Arrays.binarySearch(ids, PAD) < 0 ? 1 : 0);
    }

    @Test
    void aStepThatReadsMostWordsSaysSo() {
        var step = step();
        var ids = idsOf(step);
        long vocabulary = ids[ids.length - 1] + 1;

        assertThat(new WordRows(3, new long[] {vocabulary, 4}, step, PAD).areMost())
                .isEqualTo(2 * withPad(ids) > vocabulary);
        assertThat(new WordRows(3, new long[] {2 * vocabulary, 4}, step, PAD).areMost()).isFalse();
    }

    @Test
    void theWordEmbeddingsAreFoundAmongTheParameters() {
        try (var model = TinyTraining.model(TinyModel.write(folder, 1, 0), 0)) {
            var names = List.copyOf(model.parameters().names());

            assertThat(WordRows.parameter(model))
                    .hasValueSatisfying(
                            place ->
                                    assertThat(names.get(place))
                                            .isEqualTo("embeddings.word_embeddings.weight"));
        }
    }
}
