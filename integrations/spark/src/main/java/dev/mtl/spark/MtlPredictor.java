package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

import java.util.ArrayList;
import java.util.List;

/**
 * Adds the predictions of a trained model for a column of texts, or for two columns of pairs.
 *
 * <pre>{@code
 * var predictor = new MtlPredictor().setModel("/models/support").setInputCol("text");
 * predictor.transform(tickets).select("prediction.intent.label", "prediction.slots");
 * }</pre>
 *
 * <p>The column is a struct with a field for each task:
 *
 * <ul>
 *   <li>for a task that chooses labels a struct of {@code label}, null if none was chosen, its
 *       {@code score}, {@code predicted} with all labels that apply, {@code rejected}, and with
 *       {@link #setTopK} {@code labels}, the best ones with their scores
 *   <li>for a task that labels spans an array of structs of {@code text}, {@code label}, {@code
 *       start}, {@code end} and {@code score}
 *   <li>for a task that gives numbers a struct of {@code value} and {@code values}
 *   <li>for another one a struct of {@code json}
 * </ul>
 *
 * <p>A row with a text that is null has the prediction null.
 */
public final class MtlPredictor extends MtlTransformer<MtlPredictor> {
    private static final long serialVersionUID = 1L;

    private static final String CODE_POINTS = "codepoint";

    private final Param<String> secondInputCol;
    private final Param<String> embeddingCol;
    private final StringArrayParam tasks;
    private final IntParam topK;
    private final Param<String> offsets;

    public MtlPredictor() {
        this(Identifiable$.MODULE$.randomUID("mtlPredictor"));
    }

    public MtlPredictor(String uid) {
        super(uid, "prediction");
        secondInputCol =
                new Param<>(
                        this, "secondInputCol", "the column of the second texts of pairs, or none");
        embeddingCol =
                new Param<>(this, "embeddingCol", "the column to add for embeddings, or none");
        tasks = new StringArrayParam(this, "tasks", "the tasks that predict, empty for all");
        topK =
                new IntParam(
                        this,
                        "topK",
                        "how many of the best labels are listed, 0 for no list",
                        ParamValidators.gtEq(0));
        offsets =
                new Param<>(
                        this,
                        "offsets",
                        "what start and end count: utf16 units as Java, or codepoint as SQL",
                        ParamValidators.inArray(new String[] {"utf16", CODE_POINTS}));
        setDefault(tasks, new String[0]);
        setDefault(topK, 0);
        setDefault(offsets, "utf16");
    }

    /** The column of the second texts of pairs. */
    public Param<String> secondInputCol() {
        return secondInputCol;
    }

    /** The column to add for embeddings. */
    public Param<String> embeddingCol() {
        return embeddingCol;
    }

    /** The tasks that predict; empty for all that take as many texts. */
    public StringArrayParam tasks() {
        return tasks;
    }

    /** How many of the best labels are listed; 0 for no list. */
    public IntParam topK() {
        return topK;
    }

    /** What start and end of entities count: {@code utf16} units or {@code codepoint}s. */
    public Param<String> offsets() {
        return offsets;
    }

    /** The column of the second texts: rows are then pairs, for the tasks that take two texts. */
    public MtlPredictor setSecondInputCol(String value) {
        return with(secondInputCol, value);
    }

    /**
     * Adds the embeddings, too, from the same pass: an {@code array<float>}. Pairs that are not
     * read together have none.
     */
    public MtlPredictor setEmbeddingCol(String value) {
        return with(embeddingCol, value);
    }

    /** The tasks that predict; none for all that take as many texts. */
    public MtlPredictor setTasks(String... names) {
        return with(tasks, names.clone());
    }

    /** How many of the best labels are listed with their scores; 0, the default, for no list. */
    public MtlPredictor setTopK(int value) {
        return with(topK, value);
    }

    /**
     * What start and end of entities count: {@code utf16} units, as in Java, or {@code codepoint}s,
     * as {@code substring} of SQL and Python do. They differ after characters such as emoji.
     */
    public MtlPredictor setOffsets(String value) {
        return with(offsets, value);
    }

    @Override
    List<String> textColumns() {
        var first = required(inputCol());
        return isDefined(secondInputCol)
                ? List.of(first, getOrDefault(secondInputCol))
                : List.of(first);
    }

    @Override
    PredictorSettings settings() {
        int labels = intOf(topK);
        return new PredictorSettings(
                common(),
                textColumns().size(),
                List.of(getOrDefault(tasks)),
                labels,
                getOrDefault(offsets).equals(CODE_POINTS),
                isDefined(embeddingCol));
    }

    @Override
    List<StructField> added(ExecutorAnswer answer) {
        var fields = new ArrayList<StructField>();
        fields.add(
                nullable(
                        getOrDefault(outputCol()),
                        PredictionColumn.type(answer.tasks(), intOf(topK) > 0)));
        if (isDefined(embeddingCol)) {
            if (!answer.hasEmbedding()) {
                throw new ConfigurationException(
                        "%s: no embeddingCol here: this model reads the texts of a pair one by one"
                                .formatted(uid()));
            }
            fields.add(
                    nullable(
                            getOrDefault(embeddingCol),
                            DataTypes.createArrayType(DataTypes.FloatType, false)));
        }
        return fields;
    }

    @Override
    boolean schemaIsOfTheModel() {
        return true;
    }

    /** Reads what {@code save} has written. */
    public static MLReader<MtlPredictor> read() {
        return new Reader().read();
    }

    /** Reads what {@code save} has written. */
    public static MtlPredictor load(String path) {
        return read().load(path);
    }

    private static final class Reader implements DefaultParamsReadable<MtlPredictor> {}
}
