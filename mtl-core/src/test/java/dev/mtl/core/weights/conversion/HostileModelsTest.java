package dev.mtl.core.weights.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.testing.ChildJvm;
import dev.mtl.core.weights.WeightFileException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** ONNX models and TensorFlow checkpoints that were made to do harm. */
class HostileModelsTest {
    /** In the nightly profile 100,000. */
    private static final int COUNT = Integer.getInteger("mtl.fuzz.models", 6000);

    private static final long SEED = Long.getLong("mtl.fuzz.seed", 20_261);

    @TempDir Path folder;

    @Test
    void aModelWhoseStructureLiesIsRefusedInLittleMemory() throws Exception {
        var process =
                ChildJvm.run(
                        folder,
                        "48m",
                        60 + COUNT / 50,
                        HostileModels.class,
                        folder.toString(),
                        String.valueOf(SEED),
                        String.valueOf(COUNT));
        assertThat(process.code())
                .as("seed %d, at %s: %s", SEED, folder.resolve("at"), process.output())
                .isZero();
        System.out.println(process.lastLine());
    }

    /** A tiny BERT that has something more. */
    private Path with(TinyOnnx more) throws IOException {
        var file = TinyBert.onnx(folder.resolve("a.onnx"));
        var bytes = Files.readAllBytes(more.write(folder.resolve("more.onnx")));
        // Two messages of the same type, one after the other, are merged by every protobuf reader.
        return Files.write(file, bytes, StandardOpenOption.APPEND);
    }

    private static void assertRefused(Path file, ThrowingCallable call, String reason) {
        assertThatThrownBy(call)
                .isInstanceOf(WeightFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(reason);
    }

    @Test
    void rejectsAMatrixOfNoValuesAndAnAbsurdSize() throws IOException {
        var more = new TinyOnnx().matMul("/pooler/dense/MatMul", "w", new float[0], 0, 1L << 40);
        var file = with(more);
        try (var onnx = OnnxInitializers.open(file)) {
            assertRefused(file, () -> BertConversion.of(onnx), "w FLOAT32[0, 1099511627776]");
        }
    }

    @Test
    void rejectsTwoMatricesForOneName() throws IOException {
        var node = "/encoder/layer.0/output/dense/MatMul";
        var file = with(new TinyOnnx().matMul(node, "other", TinyBert.count(6), 3, 2));
        assertRefused(file, () -> OnnxInitializers.open(file), "'" + node + "' twice");

        var name = "encoder.layer.0.output.dense.weight";
        var second = with(new TinyOnnx().add(name, TinyBert.count(6), 2, 3));
        try (var onnx = OnnxInitializers.open(second)) {
            assertRefused(second, () -> BertConversion.of(onnx), "'" + name + "' twice");
        }

        var index =
                TinyBert.bundle()
                        .add("bert/embeddings/LayerNorm/beta", TinyBert.count(2), 2)
                        .write(folder);
        try (var bundle = TensorFlowBundle.open(index)) {
            assertRefused(
                    bundle.file(),
                    () -> BertConversion.of(bundle),
                    "'embeddings.LayerNorm.bias' twice");
        }
    }

    /** Each could be as large as the whole file, and be written out as often as it is named. */
    @Test
    void rejectsTensorsThatShareBytes() throws IOException {
        var bundle = TinyBert.bundle();
        var row = bundle.rows().getOrDefault("module/bert/embeddings/LayerNorm/beta", new byte[0]);
        var index = bundle.row("module/bert/embeddings/LayerNorm/gamma", row).write(folder);
        assertRefused(index, () -> TensorFlowBundle.open(index), "share bytes");
    }

    /** Each listing would have the checksum of the whole block computed. */
    @Test
    @Timeout(30)
    void rejectsAnIndexThatListsOneBlockAgainAndAgain() throws IOException {
        var index = new TinyBundle().repeatedBlock(1 << 20, 20_000).write(folder);
        assertRefused(index, () -> TensorFlowBundle.open(index), "blocks are not in order");
    }

    @Test
    void rejectsMoreTensorsThanAnyModelHas() throws IOException {
        var tensors = new TinyOnnx();
        for (int i = 0; i <= 100_000; i++) {
            tensors.add("", new float[0]);
        }
        var file = tensors.write(folder.resolve("a.onnx"));
        assertRefused(file, () -> OnnxInitializers.open(file), "more than 100000 tensors");
    }

    @Test
    void rejectsANameLongerThanAnyModelHas() throws IOException {
        var file = new TinyOnnx().add("x".repeat(70_000), new float[0]).write(folder.resolve("a"));
        assertRefused(file, () -> OnnxInitializers.open(file), "a name of 70000 bytes");
    }
}
