package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.sampling.MicroBatch;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.testing.TinyTraining;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

@ExtendWith(LeavesNoTensorBehind.class)
class WordRowsTest {
    private static final String WORDS = "embeddings.word_embeddings.weight";

    @TempDir private Path folder;

    private MultiTaskModel model() {
        return TinyTraining.model(TinyModel.write(folder, 1, 0), 0);
    }

    private static List<MicroBatch> step(MultiTaskModel model) {
        var config = TestConfigs.training("{batch_size: 8, gradient_accumulation_steps: 1}");
        var data = TinyTraining.encode(model, TinyTraining.data(8, 3));
        try (var training = new TrainingSet(model, config, List.of(data))) {
            return training.microBatches(0, training.step(0));
        }
    }

    @Test
    void theRowsOfAStepAreThoseOfItsTokensAndOfPadding() {
        try (var model = model()) {
            var step = step(model);
            var read =
                    step.stream()
                            .flatMap(batch -> batch.encodings().stream())
                            .flatMapToLong(encoding -> Arrays.stream(encoding.ids()))
                            .distinct()
                            .count();

            var rows = Objects.requireNonNull(WordRows.of(model, name -> true, step));

            assertThat(rows.shape()).containsExactly(read + 1, TinyModel.HIDDEN);
            assertThat(List.copyOf(model.parameters().names()).get(rows.parameter()))
                    .isEqualTo(WORDS);
        }
    }

    @Test
    void aTableThatDoesNotTrainHasNoRows() {
        try (var model = model()) {
            assertThat(WordRows.of(model, name -> !name.equals(WORDS), step(model))).isNull();
        }
    }

    /** Numbers in rows 1 and 3 of five, zeros in the others. */
    private static Tensor gradient(float more) {
        return Tensors.of(new float[] {0, 0, 1 + more, 2, 0, 0, -3, 4 + more, 0, 0}, 5, 2);
    }

    @Test
    void aGradientComesBackFromItsRowsAsItWas() {
        var rows = new WordRows(0, new long[] {5, 2}, new long[] {0, 1, 3});
        try (var _ = TensorScope.open()) {
            var kept = rows.of(gradient(0));

            assertThat(kept.toFloats()).containsExactly(0, 0, 1, 2, -3, 4);
            assertThat(rows.whole(kept).toFloats()).containsExactly(gradient(0).toFloats());
        }
    }

    @Test
    void aSumByRowsIsThatOfTheWholeTables() {
        var rows = new WordRows(1, new long[] {5, 2}, new long[] {0, 1, 3});
        float[] byRows = sum(rows);
        float[] whole = sum(null);

        assertThat(byRows).containsExactly(whole);
    }

    private static float[] sum(@Nullable WordRows rows) {
        try (var sum = new LocalGradientSum(2, true)) {
            sum.begin(rows);
            for (int i = 0; i < 3; i++) {
                try (var _ = TensorScope.open()) {
                    sum.add(i, List.of(Tensors.of(new float[] {1}, 1), gradient(0.1f * i)));
                }
            }
            return Objects.requireNonNull(sum.gradients().get(1)).toFloats();
        }
    }
}
