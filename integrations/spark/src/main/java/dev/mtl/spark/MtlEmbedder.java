package dev.mtl.spark;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

import java.util.List;

/**
 * Adds the sentence embeddings of a column of texts.
 *
 * <pre>{@code
 * var embedder =
 *         new MtlEmbedder()
 *                 .setModel("hdfs:///models/all-MiniLM-L6-v2")
 *                 .setInputCol("text")
 *                 .setOutputCol("embedding");
 * embedder.transform(spark.read().parquet("texts")).write().parquet("embedded");
 * }</pre>
 *
 * <p>The column is an {@code array<float>} of the model's dimensions, or a {@code Vector} for other
 * stages of Spark ML. A text that is null has the embedding null; an empty one has an embedding.
 */
public final class MtlEmbedder extends MtlTransformer<MtlEmbedder> {
    private static final long serialVersionUID = 1L;

    private static final String ARRAY = "array";
    private static final String VECTOR = "vector";
    private static final int ALL = 0;

    private final Param<String> outputType;
    private final Param<String> promptName;
    private final IntParam dimensions;
    private final BooleanParam windows;

    public MtlEmbedder() {
        this(Identifiable$.MODULE$.randomUID("mtlEmbedder"));
    }

    public MtlEmbedder(String uid) {
        super(uid, "embedding");
        outputType =
                new Param<>(
                        this,
                        "outputType",
                        "array for array<float>, vector for a Vector of Spark ML",
                        ParamValidators.inArray(new String[] {ARRAY, VECTOR}));
        promptName =
                new Param<>(
                        this,
                        "promptName",
                        "the model's prompt before each text, such as query or document; empty for"
                                + " its default");
        dimensions =
                new IntParam(
                        this,
                        "dimensions",
                        "how many of a Matryoshka model's dimensions are kept, 0 for all",
                        ParamValidators.gtEq(0));
        windows =
                new BooleanParam(
                        this,
                        "windows",
                        "whether texts longer than maxLength are read in windows, not cut");
        setDefault(outputType, ARRAY);
        setDefault(promptName, "");
        setDefault(dimensions, ALL);
        setDefault(windows, false);
    }

    /** The type of the column: {@code array} or {@code vector}. */
    public Param<String> outputType() {
        return outputType;
    }

    /** The name of the model's prompt before each text; empty for its default. */
    public Param<String> promptName() {
        return promptName;
    }

    /** How many dimensions are kept; 0 for all. */
    public IntParam dimensions() {
        return dimensions;
    }

    /** Whether long texts are read in windows. */
    public BooleanParam windows() {
        return windows;
    }

    /** {@code array} for {@code array<float>}, {@code vector} for a Vector of Spark ML. */
    public MtlEmbedder setOutputType(String value) {
        return with(outputType, value);
    }

    /** A prompt of the model, such as {@code query} or {@code document}; empty for its default. */
    public MtlEmbedder setPromptName(String value) {
        return with(promptName, value);
    }

    /** How many dimensions of a Matryoshka model are kept; 0 for all. */
    public MtlEmbedder setDimensions(int value) {
        return with(dimensions, value);
    }

    /** Whether a text that is longer than the model's input is read in windows instead of cut. */
    public MtlEmbedder setWindows(boolean value) {
        return with(windows, value);
    }

    @Override
    List<String> textColumns() {
        return List.of(required(inputCol()));
    }

    @Override
    EmbedderSettings settings() {
        int kept = intOf(dimensions);
        var prompt = getOrDefault(promptName);
        return new EmbedderSettings(
                common(),
                prompt.isEmpty() ? null : prompt,
                kept == ALL ? null : kept,
                (boolean) getOrDefault(windows),
                isVector());
    }

    private boolean isVector() {
        return getOrDefault(outputType).equals(VECTOR);
    }

    @Override
    List<StructField> added(ExecutorAnswer answer) {
        var type =
                isVector()
                        ? SQLDataTypes.VectorType()
                        : DataTypes.createArrayType(DataTypes.FloatType, false);
        return List.of(nullable(getOrDefault(outputCol()), type));
    }

    @Override
    boolean schemaIsOfTheModel() {
        return false;
    }

    /** Reads what {@code save} has written. */
    public static MLReader<MtlEmbedder> read() {
        return new Reader().read();
    }

    /** Reads what {@code save} has written. */
    public static MtlEmbedder load(String path) {
        return read().load(path);
    }

    private static final class Reader implements DefaultParamsReadable<MtlEmbedder> {}
}
