package dev.mtl.core.adapter;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Adapters, and targets of them, that cannot be used. */
@ExtendWith(LeavesNoTensorBehind.class)
class AdapterRefusalsTest {
    private static final Path RESOURCES = Path.of("src/test/resources/dev/mtl/core");
    private static final Path ADAPTER = RESOURCES.resolve("adapter/tiny-bert");

    private final BertConfig config =
            BertConfig.read(RESOURCES.resolve("bert/tiny-bert/config.json"));
    @TempDir private Path folder;

    @Test
    void refusesAnAdapterThatItDoesNotCompute() throws IOException {
        for (var file : List.of(AdapterFiles.CONFIG, AdapterFiles.WEIGHTS)) {
            Files.copy(ADAPTER.resolve(file), folder.resolve(file));
        }
        var file = folder.resolve(AdapterFiles.CONFIG);
        var json = JsonFiles.readObject(file);
        rejects(json.deepCopy().put("use_dora", true), file, "use_dora is true");
        rejects(json.deepCopy().put("peft_type", "IA3"), file, "only LORA is read");
        rejects(json.deepCopy().put("bias", "all"), file, "bias is \"all\"");
        rejects(json.deepCopy().put("r", 5), file, "the model needs [5, 32]");
        rejects(json.deepCopy().put("r", 0), file, "rank is 0");
    }

    private void rejects(ObjectNode json, Path file, String reason) throws IOException {
        JsonFiles.write(file, json);
        try (var _ = TensorScope.open()) {
            assertThatThrownBy(() -> BertWeights.adapter(folder, config))
                    .isInstanceOf(MtlException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void aTargetThatIsNoLayerIsAnsweredWithThoseThatAre() {
        var unknown = new Lora(8, 16, List.of("querry"), 0);
        assertThatThrownBy(
                        () -> unknown.layers(BertWeights.specs(config), config.modelType()::hfName))
                .hasMessage(
                        "targets has 'querry', which is no linear layer of this encoder; known:"
                                + " dense, key, query, value, all-linear");
    }
}
