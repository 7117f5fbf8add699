package dev.mtl.server.api;

import com.fasterxml.jackson.core.JsonGenerator;

import dev.mtl.core.pipeline.Analysis;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;
import dev.mtl.server.http.Json;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.TaskInfo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** The tensors that a model gives by the Open Inference Protocol, by their names. */
final class OipOutputs {
    static final String EMBEDDING = "embedding";

    private OipOutputs() {}

    /**
     * One output.
     *
     * @param width numbers of a row; 0 if a row is one value
     * @param task null for the embedding
     */
    record Output(String name, String datatype, int width, String task, Values values) {}

    /** Writes a row's values. */
    @FunctionalInterface
    interface Values {
        void write(JsonGenerator to, Analysis analysis) throws IOException;
    }

    /**
     * The outputs for examples of some texts.
     *
     * @param texts 1 or 2; 0 for all outputs
     */
    static SequencedMap<String, Output> of(LoadedModel model, int texts) {
        var outputs = new ArrayList<Output>();
        if (texts < 2) {
            outputs.add(
                    new Output(
                            EMBEDDING,
                            "FP32",
                            model.pipeline().dimensions(),
                            "",
                            (to, analysis) -> {
                                for (float value : analysis.embedding()) {
                                    to.writeNumber(value);
                                }
                            }));
        }
        for (var task : texts == 0 ? model.tasks() : model.tasksOf(texts)) {
            add(task, outputs);
        }
        var byName = new LinkedHashMap<String, Output>();
        outputs.forEach(output -> byName.put(output.name(), output));
        return byName;
    }

    private static void add(TaskInfo task, List<Output> outputs) {
        var name = task.name();
        switch (task.kind()) {
            case LABELS -> {
                outputs.add(
                        new Output(
                                name,
                                "BYTES",
                                0,
                                name,
                                (to, a) -> {
                                    var label = labels(a, name).label();
                                    to.writeString(label.isEmpty() ? "" : label.get().name());
                                }));
                outputs.add(
                        new Output(
                                name + ".score",
                                "FP32",
                                0,
                                name,
                                (to, a) -> {
                                    var label = labels(a, name).label();
                                    to.writeNumber(
                                            label.isEmpty() ? 0f : (float) label.get().score());
                                }));
            }
            case VALUES ->
                    outputs.add(
                            new Output(
                                    name,
                                    "FP32",
                                    0,
                                    name,
                                    (to, a) ->
                                            to.writeNumber(
                                                    (float)
                                                            ((ValuePrediction) a.prediction(name))
                                                                    .value())));
            case ENTITIES ->
                    outputs.add(
                            new Output(
                                    name,
                                    "BYTES",
                                    0,
                                    name,
                                    (to, a) ->
                                            to.writeString(
                                                    Json.text(
                                                            ((EntityPrediction) a.prediction(name))
                                                                    .entities().stream()
                                                                            .map(
                                                                                    entity ->
                                                                                            entity
                                                                                                    .toJson())
                                                                            .toList()))));
            case OTHER ->
                    outputs.add(
                            new Output(
                                    name,
                                    "BYTES",
                                    0,
                                    name,
                                    (to, a) ->
                                            to.writeString(
                                                    Json.text(a.prediction(name).toJson()))));
        }
    }

    private static LabelPrediction labels(Analysis analysis, String task) {
        return (LabelPrediction) analysis.prediction(task);
    }

    /** As the metadata of a model describes it. */
    static Map<String, Object> describe(Output output) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", output.name());
        json.put("datatype", output.datatype());
        json.put("shape", output.width() == 0 ? List.of(-1) : List.of(-1, output.width()));
        return json;
    }
}
