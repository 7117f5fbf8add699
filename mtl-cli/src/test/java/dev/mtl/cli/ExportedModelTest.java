package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code mtl export} of a model with two heads. */
class ExportedModelTest {
    @TempDir static Path folder;
    private static Path model = Path.of("");

    @BeforeAll
    static void train() throws IOException {
        model = folder.resolve("runs/model");
        var config = ToyTask.write(folder, "epochs: 1", model);
        assertThat(Call.mtl(folder.resolve("cache"), "train", config.toString()).code()).isZero();
    }

    private static Call export(String... args) {
        var all = new ArrayList<>(List.of("export", "--model", model.toString(), "--format=json"));
        all.addAll(List.of(args));
        return Call.mtl(folder.resolve("cache"), all.toArray(String[]::new));
    }

    @Test
    void aTokenHeadIsExportedForTransformers() {
        var target = folder.resolve("exported/slots");

        var call = export("--head", "slots", "--to", "transformers", target.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.json().getFirst().path("directory").asText()).isEqualTo(target.toString());
        assertThat(target.resolve("config.json")).content().contains("\"B-colour\"");
        assertThat(target.resolve("model.safetensors")).isNotEmptyFile();
    }

    @Test
    void allHeadsAreExportedAsOnnx() {
        var target = folder.resolve("exported/onnx");

        var call = export("--to", "onnx", target.toString());

        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.err()).isEmpty();
        assertThat(target.resolve("model.onnx"))
                .content(StandardCharsets.ISO_8859_1)
                .contains("logits_intent", "logits_slots");
    }

    @Test
    void anImpossibleExportSaysWhy() {
        var target = folder.resolve("exported/wrong").toString();

        assertThat(export("--to", "transformers", target).err())
                .isEqualTo(
                        "mtl: --to transformers exports one head: name its task with --head; this"
                                + " model has [intent, slots]\n");
        var intent = export("--head", "intent", "--to", "transformers", target);
        assertThat(intent.code()).isEqualTo(2);
        assertThat(intent.err()).contains("task 'intent'", "reads another vector");
        var unknown = export("--head", "slot", "--to", "transformers", target);
        assertThat(unknown.err()).contains("no head 'slot'; this model has [intent, slots]");
        assertThat(Path.of(target)).doesNotExist();
    }
}
