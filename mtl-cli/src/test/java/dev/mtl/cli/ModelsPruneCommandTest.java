package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

class ModelsPruneCommandTest {
    @TempDir private Path folder;

    @Test
    void theStudentIsAModelThatEmbeds() {
        var teacher = TinyModel.write(folder.resolve("teacher"), 1, 0);
        var student = folder.resolve("student");
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "models",
                        "prune",
                        teacher.path().toString(),
                        "--layers",
                        "2",
                        "--output",
                        student.toString());
        assertThat(call.code()).as(call.err()).isZero();
        assertThat(call.out()).isEqualTo(student + "\n");

        assertThat(embedding(student))
                .hasSize(TinyModel.HIDDEN)
                .isNotEqualTo(embedding(teacher.path()));
    }

    private float[] embedding(Path model) {
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "embed",
                        "--model",
                        model.toString(),
                        "--format",
                        "json",
                        "play a song");
        assertThat(call.code()).as(call.err()).isZero();
        var values = call.json().getFirst().path("embedding");
        var vector = new float[values.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) values.get(i).asDouble();
        }
        return vector;
    }

    @Test
    void aLayerThatIsNotThereIsAnErrorOfTheUser() {
        var teacher = TinyModel.write(folder.resolve("teacher"), 1, 0);
        var call =
                Call.mtl(
                        folder.resolve("cache"),
                        "models",
                        "prune",
                        teacher.path().toString(),
                        "--layers",
                        "2,3",
                        "--output",
                        folder.resolve("student").toString());
        assertThat(call.code()).isEqualTo(2);
        assertThat(call.err()).contains("name some of the layers 1 to 2 of ");
    }
}
