package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code mtl train --plan} says of settings. */
class PlanTest {
    @TempDir private Path folder;
    private Path config = Path.of("");

    @BeforeEach
    void write() throws IOException {
        config = ToyTask.write(folder, "max_steps: 300", folder.resolve("model"));
    }

    private Call plan(List<String> options, String... settings) {
        var call = new ArrayList<>(List.of("train", config.toString(), "--plan"));
        call.addAll(options);
        for (var setting : settings) {
            call.addAll(List.of("--set", setting));
        }
        return Call.mtl(folder.resolve("cache"), call.toArray(String[]::new));
    }

    private JsonNode json(String... settings) {
        var plan = plan(List.of("--format", "json"), settings);
        assertThat(plan.code()).as(plan.err()).isZero();
        return plan.json().getFirst();
    }

    private static List<String> trained(JsonNode plan) {
        var names = new ArrayList<String>();
        for (var group : plan.path("groups")) {
            if (group.path("trainable").asBoolean()) {
                names.add(group.path("name").asText());
            }
        }
        return names;
    }

    @Test
    void parameterGroupsHaveDistinctNamesAndBiasesAreNotDecayed() {
        var names = new ArrayList<String>();
        for (var group : json().path("groups")) {
            var name = group.path("name").asText();
            names.add(name);
            assertThat(group.path("weight_decay").asDouble())
                    .as(name)
                    .isEqualTo(name.endsWith(", not decayed") ? 0 : 0.01);
        }
        assertThat(names)
                .doesNotHaveDuplicates()
                .contains("embeddings", "layer 1", "layer 1, not decayed", "head slots");
    }

    @Test
    void frozenGroupsNeverTrain() {
        assertThat(trained(json("training.freezing={heads: [intent]}")))
                .noneMatch(name -> name.startsWith("head intent"))
                .contains("head slots", "embeddings", "layer 1");
        assertThat(trained(json("training.freezing={policy: full}"))).isEmpty();
    }

    @Test
    void embeddingsAreUnfrozenWithTheLowestLayer() {
        var plan = json("training.freezing={layers: {gradual: 1-2}}");
        assertThat(plan.at("/unfreezing/0/layer").asInt()).isEqualTo(2);
        assertThat(plan.at("/unfreezing/0/embeddings").asBoolean(true)).isFalse();
        assertThat(plan.at("/unfreezing/1/layer").asInt()).isEqualTo(1);
        assertThat(plan.at("/unfreezing/1/embeddings").asBoolean()).isTrue();
        assertThat(plan(List.of(), "training.freezing={layers: {gradual: 1-2}}").out())
                .contains("layer 2 joins at step 101")
                .contains("layer 1 and the embeddings join at step 201");
    }

    @Test
    void notesLayersThatWouldBeUnfrozenAfterTheLastStep() {
        var late =
                new String[] {
                    "training.freezing={layers: {gradual: 1-2}, unfreeze_every: 150 steps}",
                    "training.schedule=polynomial",
                    "training.polynomial_power=2.0",
                    "training.warmup_steps=301"
                };
        var plan = json(late);
        assertThat(plan.at("/schedule/polynomial_power").asDouble()).isEqualTo(2);
        assertThat(plan.path("unfreezing")).hasSize(1);
        assertThat(plan.at("/notes/0").asText()).startsWith("training.warmup_steps is 301");
        assertThat(plan.at("/notes/1").asText()).contains("before layer 1 would join");
        assertThat(plan(List.of(), late).out())
                .contains("schedule: polynomial of power 2.0")
                .contains("note: training.warmup_steps is 301");
        assertThat(json().path("notes")).isEmpty();
    }

    @Test
    void refusesAnUnknownBestMetric() {
        var plan = plan(List.of(), "training.best_metric=slots.f2");
        assertThat(plan.code()).isEqualTo(2);
        assertThat(plan.err())
                .contains("training.best_metric: ", "'slots.f2'", "did you mean 'slots.f1'?");
    }
}
