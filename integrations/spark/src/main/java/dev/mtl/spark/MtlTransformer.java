package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.nn.Precision;

import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the transformers share: parameters of models, and how rows are read and written. */
abstract class MtlTransformer<T extends MtlTransformer<T>> extends Model<T>
        implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    private static final int MODELS_OWN = 0;

    private final String uid;
    private final Param<String> model;
    private final Param<String> inputCol;
    private final Param<String> outputCol;
    private final IntParam maxLength;
    private final Param<String> precision;
    private final Param<String> device;

    /** What an executor has said of the model; asked once by each transformer. */
    private transient @Nullable Asked asked;

    private record Asked(String application, ModelUse use, ExecutorAnswer answer) {}

    MtlTransformer(String uid, String output) {
        this.uid = uid;
        model =
                new Param<>(
                        this,
                        "model",
                        "a folder on each node, a URI of a Hadoop file system, spark-files:NAME of"
                                + " addFile or --archives, or a name of the model store");
        inputCol = new Param<>(this, "inputCol", "the column of the texts");
        outputCol = new Param<>(this, "outputCol", "the column to add");
        maxLength =
                new IntParam(
                        this,
                        "maxLength",
                        "the longest input in tokens, 0 for the model's",
                        ParamValidators.gtEq(0));
        precision =
                new Param<>(
                        this,
                        "precision",
                        "of the linear layers, fp32 or int8",
                        ParamValidators.inArray(new String[] {"fp32", "int8"}));
        device = new Param<>(this, "device", "auto, cpu, cuda or cuda:N");
        setDefault(outputCol, output);
        setDefault(maxLength, MODELS_OWN);
        setDefault(precision, "fp32");
        setDefault(device, "auto");
    }

    @Override
    public String uid() {
        return uid;
    }

    /** A folder on each node, a Hadoop URI, {@code spark-files:NAME}, or a model's name. */
    public Param<String> model() {
        return model;
    }

    /** The column of the texts. */
    public Param<String> inputCol() {
        return inputCol;
    }

    /** The column to add. */
    public Param<String> outputCol() {
        return outputCol;
    }

    /** The longest input in tokens, [CLS] and [SEP] included; 0 for the model's. */
    public IntParam maxLength() {
        return maxLength;
    }

    /** The precision of the linear layers: fp32, or int8 on a CPU. */
    public Param<String> precision() {
        return precision;
    }

    /** Where the model runs: auto, cpu, cuda or cuda:N. */
    public Param<String> device() {
        return device;
    }

    /**
     * The model: a folder that each node has, a URI of a Hadoop file system such as {@code
     * hdfs://...}, {@code spark-files:NAME} for what {@code addFile} or {@code --archives} has
     * brought to the executors, or a name of the model store such as {@code hf:org/name}.
     */
    public T setModel(String value) {
        return with(model, value);
    }

    public T setInputCol(String value) {
        return with(inputCol, value);
    }

    public T setOutputCol(String value) {
        return with(outputCol, value);
    }

    /** The longest input in tokens, [CLS] and [SEP] included; 0 for the model's. */
    public T setMaxLength(int value) {
        return with(maxLength, value);
    }

    /** {@code fp32}, or {@code int8} on a CPU. */
    public T setPrecision(String value) {
        return with(precision, value);
    }

    /** {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public T setDevice(String value) {
        return with(device, value);
    }

    @SuppressWarnings("unchecked") // T is the class of this
    final <V> T with(Param<V> param, V value) {
        set(param, value);
        return (T) this;
    }

    final int intOf(IntParam param) {
        return (int) getOrDefault(param);
    }

    /** The columns of the texts of an example. */
    abstract List<String> textColumns();

    abstract ModelSettings settings();

    /** The columns that are added. */
    abstract List<StructField> added(ExecutorAnswer answer);

    /** Whether {@link #added} needs what an executor says. */
    abstract boolean schemaIsOfTheModel();

    final ModelSettings.Common common() {
        int length = intOf(maxLength);
        return new ModelSettings.Common(
                length == MODELS_OWN ? null : length,
                Precision.valueOf(getOrDefault(precision).toUpperCase(Locale.ROOT)),
                getOrDefault(device));
    }

    /**
     * Adds the columns. Rows whose texts are null get null. The first call starts a job of one
     * task, by which an executor loads the model and says whether it can.
     *
     * @throws ConfigurationException if the executors cannot run MTL, or the model or a parameter
     *     is wrong
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        var rows = dataset.toDF();
        var answer = ask(dataset.sparkSession());
        var schema = output(rows.schema(), answer);
        var columns = textColumns().stream().mapToInt(rows.schema()::fieldIndex).toArray();
        int width = schema.length();
        var use = use(dataset.sparkSession());
        MapPartitionsFunction<Row, Row> work =
                partition -> PartitionRows.open(partition, columns, width, use);
        return rows.mapPartitions(work, Encoders.row(schema));
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return output(
                schema, schemaIsOfTheModel() ? ask(SparkSession.active()) : ExecutorAnswer.UNASKED);
    }

    private StructType output(StructType schema, ExecutorAnswer answer) {
        for (var name : textColumns()) {
            var known = Arrays.asList(schema.fieldNames());
            if (!known.contains(name)) {
                throw new ConfigurationException(
                        "%s: no column '%s' of texts; there are %s".formatted(uid, name, known));
            }
            requireText(name, schema.apply(name).dataType());
        }
        for (var field : added(answer)) {
            if (Arrays.asList(schema.fieldNames()).contains(field.name())) {
                throw new ConfigurationException(
                        "%s: there is a column '%s' already; choose another with setOutputCol, or"
                                        .formatted(uid, field.name())
                                + " drop it first");
            }
            schema = schema.add(field);
        }
        return schema;
    }

    private void requireText(String name, DataType type) {
        if (!(type instanceof StringType)) {
            throw new ConfigurationException(
                    "%s: column '%s' is of type %s; texts are strings"
                            .formatted(uid, name, type.simpleString()));
        }
    }

    private ModelUse use(SparkSession session) {
        return new ModelUse(
                ModelLocation.of(required(model), session.sparkContext().hadoopConfiguration()),
                settings());
    }

    final String required(Param<String> param) {
        return required(this, param);
    }

    /**
     * The value of a parameter.
     *
     * @throws ConfigurationException if it is not set
     */
    static String required(Params owner, Param<String> param) {
        if (!owner.isDefined(param)) {
            throw new ConfigurationException(
                    "%s: set %s: %s".formatted(owner.uid(), param.name(), param.doc()));
        }
        return owner.getOrDefault(param);
    }

    private ExecutorAnswer ask(SparkSession session) {
        var application = session.sparkContext().applicationId();
        var use = use(session);
        var known = asked;
        if (known == null || !known.application.equals(application) || !known.use.equals(use)) {
            known = new Asked(application, use, ExecutorAnswer.ask(session, use));
            asked = known;
        }
        return known.answer;
    }

    @Override
    @SuppressWarnings("unchecked") // T is the class of this
    public T copy(ParamMap extra) {
        return (T) defaultCopy(extra);
    }

    static StructField nullable(String name, DataType type) {
        return DataTypes.createStructField(name, type, true);
    }
}
