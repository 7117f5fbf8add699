package dev.mtl.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.pipeline.Analysis;
import dev.mtl.core.pipeline.Entity;
import dev.mtl.core.pipeline.EntityPrediction;
import dev.mtl.core.pipeline.Label;
import dev.mtl.core.pipeline.LabelPrediction;
import dev.mtl.core.pipeline.ValuePrediction;

import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

import scala.collection.mutable.ArraySeq;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The column of predictions: its type, and its values. */
record PredictionColumn(List<TaskKind> tasks, int topK, boolean codePoints) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A task, and what it gives. */
    record TaskKind(String name, Kind kind) implements Serializable {
        static TaskKind of(String name, Prediction prediction) {
            return new TaskKind(
                    name,
                    switch (prediction) {
                        case LabelPrediction _ -> Kind.LABELS;
                        case EntityPrediction _ -> Kind.ENTITIES;
                        case ValuePrediction _ -> Kind.VALUES;
                        default -> Kind.OTHER;
                    });
        }
    }

    /** What a task gives. */
    enum Kind {
        LABELS,
        ENTITIES,
        VALUES,
        OTHER
    }

    /**
     * The type of the column.
     *
     * @param lists whether the best labels are listed
     */
    static StructType type(List<TaskKind> tasks, boolean lists) {
        var fields = new ArrayList<StructField>();
        for (var task : tasks) {
            fields.add(field(task.name(), type(task.kind(), lists)));
        }
        return DataTypes.createStructType(fields);
    }

    private static DataType type(Kind kind, boolean lists) {
        return switch (kind) {
            case LABELS -> {
                var fields =
                        new ArrayList<>(
                                List.of(
                                        field("label", DataTypes.StringType),
                                        field("score", DataTypes.DoubleType),
                                        field("predicted", array(DataTypes.StringType)),
                                        field("rejected", DataTypes.BooleanType)));
                if (lists) {
                    fields.add(
                            field(
                                    "labels",
                                    array(
                                            struct(
                                                    field("label", DataTypes.StringType),
                                                    field("score", DataTypes.DoubleType)))));
                }
                yield DataTypes.createStructType(fields);
            }
            case ENTITIES ->
                    array(
                            struct(
                                    field("text", DataTypes.StringType),
                                    field("label", DataTypes.StringType),
                                    field("start", DataTypes.IntegerType),
                                    field("end", DataTypes.IntegerType),
                                    field("score", DataTypes.DoubleType)));
            case VALUES ->
                    struct(
                            field("value", DataTypes.DoubleType),
                            field("values", array(DataTypes.DoubleType)));
            case OTHER -> struct(field("json", DataTypes.StringType));
        };
    }

    private static StructField field(String name, DataType type) {
        return DataTypes.createStructField(name, type, true);
    }

    private static StructType struct(StructField... fields) {
        return DataTypes.createStructType(fields);
    }

    private static DataType array(DataType element) {
        return DataTypes.createArrayType(element, false);
    }

    /** The value of an example. */
    Row value(Analysis analysis) {
        return RowFactory.create(
                tasks.stream()
                        .map(task -> value(analysis, analysis.prediction(task.name())))
                        .toArray());
    }

    private Object value(Analysis analysis, Prediction prediction) {
        return switch (prediction) {
            case LabelPrediction labels -> value(labels);
            case EntityPrediction entities ->
                    array(
                            entities.entities().stream()
                                    .map(entity -> value(entity, analysis.text())));
            case ValuePrediction values ->
                    RowFactory.create(values.value(), array(values.values().stream()));
            default -> RowFactory.create(json(prediction));
        };
    }

    private Row value(LabelPrediction prediction) {
        var label = prediction.label();
        var values = new ArrayList<Object>();
        values.add(label.map(Label::name).orElse(null));
        values.add(label.map(Label::score).orElse(null));
        values.add(array(prediction.predicted().stream().map(Label::name)));
        values.add(prediction.rejected());
        if (topK > 0) {
            values.add(
                    array(
                            prediction.labels().stream()
                                    .limit(topK)
                                    .map(best -> RowFactory.create(best.name(), best.score()))));
        }
        return RowFactory.create(values.toArray());
    }

    private Row value(Entity entity, String text) {
        return RowFactory.create(
                entity.text(),
                entity.label(),
                offset(text, entity.start()),
                offset(text, entity.end()),
                entity.score());
    }

    private int offset(String text, int units) {
        return codePoints ? text.codePointCount(0, units) : units;
    }

    private static String json(Prediction prediction) {
        try {
            return JSON.writeValueAsString(prediction.toJson());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a prediction that is no JSON: " + prediction, e);
        }
    }

    private static Object array(Stream<?> elements) {
        return ArraySeq.make(elements.toArray());
    }
}
