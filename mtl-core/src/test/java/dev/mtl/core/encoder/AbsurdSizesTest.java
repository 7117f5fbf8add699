package dev.mtl.core.encoder;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;

class AbsurdSizesTest {
    @TempDir Path folder;

    @ParameterizedTest
    @Timeout(30)
    @ValueSource(
            strings = {
                "num_hidden_layers",
                "hidden_size",
                "vocab_size",
                "intermediate_size",
                "max_position_embeddings",
                "type_vocab_size"
            })
    void areRefusedBeforeAnythingIsAllocated(String key) throws IOException {
        var model = TinyModel.write(folder, 1, 0);
        var config = (ObjectNode) JsonFiles.read(model.config());
        JsonFiles.write(model.config(), config.put(key, 1_000_000_000));

        assertThatThrownBy(() -> SentenceEncoder.load(model, EncoderOptions.defaults()).close())
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("model.safetensors");
    }
}
