package dev.mtl.spark;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Trains a model on the rows of a Dataset, in one process or several, each a task of a barrier
 * stage. The configuration is that of {@code mtl train}, with {@code ${TRAIN_ROWS}} where the rows
 * are read:
 *
 * <pre>{@code
 * tasks:
 *   intent:
 *     head: classification
 *     data: {format: parquet, train: "${TRAIN_ROWS}", text_column: text, column: intent}
 * }</pre>
 *
 * <pre>{@code
 * var predictor =
 *         new MtlTrainer()
 *                 .setConfig("support.yaml")
 *                 .setOutput("hdfs:///models/support")
 *                 .setNumProcesses(4)
 *                 .fit(tickets)
 *                 .setInputCol("text");
 * }</pre>
 *
 * <p>With {@code deterministic: true}, the default, the model has the same bytes whatever the
 * number of processes, those of {@code mtl train} on the same rows in the same order.
 */
public final class MtlTrainer extends Estimator<MtlPredictor> implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    private static final int HALF_AN_HOUR = 1800;

    private final String uid;
    private final Param<String> config;
    private final StringArrayParam overrides;
    private final Param<String> output;
    private final IntParam numProcesses;
    private final Param<String> validationIndicatorCol;
    private final BooleanParam resume;
    private final BooleanParam overwrite;
    private final IntParam timeLimit;

    public MtlTrainer() {
        this(Identifiable$.MODULE$.randomUID("mtlTrainer"));
    }

    public MtlTrainer(String uid) {
        this.uid = uid;
        config = new Param<>(this, "config", "the YAML file of the training, on the driver");
        overrides =
                new StringArrayParam(
                        this, "overrides", "changes of the configuration, as training.epochs=5");
        output =
                new Param<>(
                        this,
                        "output",
                        "the model's folder, which all nodes see, or the URI of one on a Hadoop"
                                + " file system; output.dir if it is not set");
        numProcesses =
                new IntParam(
                        this,
                        "numProcesses",
                        "how many tasks train together",
                        ParamValidators.gtEq(1));
        validationIndicatorCol =
                new Param<>(
                        this,
                        "validationIndicatorCol",
                        "the column that is true in rows that select the best model, or none");
        resume = new BooleanParam(this, "resume", "whether to go on from the last checkpoint");
        overwrite = new BooleanParam(this, "overwrite", "whether an earlier model is replaced");
        timeLimit =
                new IntParam(
                        this,
                        "timeLimit",
                        "seconds after which a process that does not answer counts as dead",
                        ParamValidators.gtEq(1));
        setDefault(overrides, new String[0]);
        setDefault(numProcesses, 1);
        setDefault(resume, false);
        setDefault(overwrite, false);
        setDefault(timeLimit, HALF_AN_HOUR);
    }

    @Override
    public String uid() {
        return uid;
    }

    /** The YAML file of the training, on the driver. */
    public Param<String> config() {
        return config;
    }

    /** Changes of the configuration. */
    public StringArrayParam overrides() {
        return overrides;
    }

    /** The model's folder or URI. */
    public Param<String> output() {
        return output;
    }

    /** How many tasks train together. */
    public IntParam numProcesses() {
        return numProcesses;
    }

    /** The column that is true in rows that select the best model. */
    public Param<String> validationIndicatorCol() {
        return validationIndicatorCol;
    }

    /** Whether to go on from the last checkpoint. */
    public BooleanParam resume() {
        return resume;
    }

    /** Whether an earlier model is replaced. */
    public BooleanParam overwrite() {
        return overwrite;
    }

    /** Seconds after which a process that does not answer counts as dead. */
    public IntParam timeLimit() {
        return timeLimit;
    }

    /**
     * The YAML file, on the driver. Its environment variables are those of the driver; {@code
     * training.workers} is {@code spark.task.cpus}. Files that it names other than the rows, and
     * the backbone, are found as {@link MtlPredictor#setModel} says.
     */
    public MtlTrainer setConfig(String value) {
        return with(config, value);
    }

    /** Changes of the configuration as {@code --set} makes them, such as training.epochs=5. */
    public MtlTrainer setOverrides(String... values) {
        return with(overrides, values.clone());
    }

    /**
     * Where the model is written, instead of {@code output.dir}: a folder that all nodes see, or a
     * URI such as {@code hdfs://...}. {@code OUTPUT.run} beside it has checkpoints and records, and
     * {@code OUTPUT.rows} the rows while it trains.
     */
    public MtlTrainer setOutput(String value) {
        return with(output, value);
    }

    /** How many tasks train together; all must run at the same time. By default one. */
    public MtlTrainer setNumProcesses(int value) {
        return with(numProcesses, value);
    }

    /**
     * A column of booleans: rows where it is true are the files of {@code ${VALIDATION_ROWS}}, the
     * others those of {@code ${TRAIN_ROWS}}.
     */
    public MtlTrainer setValidationIndicatorCol(String value) {
        return with(validationIndicatorCol, value);
    }

    /** Whether {@link #fit} goes on from the last checkpoint of the output, on the same rows. */
    public MtlTrainer setResume(boolean value) {
        return with(resume, value);
    }

    /** Whether {@link #fit} may replace a model that is in the output already. */
    public MtlTrainer setOverwrite(boolean value) {
        return with(overwrite, value);
    }

    /** Seconds after which a process that does not answer counts as dead; 1800 by default. */
    public MtlTrainer setTimeLimit(int seconds) {
        return with(timeLimit, seconds);
    }

    private <V> MtlTrainer with(Param<V> param, V value) {
        set(param, value);
        return this;
    }

    private boolean isSet(BooleanParam param) {
        return (boolean) getOrDefault(param);
    }

    /**
     * Trains. The rows are written to {@code OUTPUT.rows}, in their order, and read by every
     * process; they are deleted in the end.
     *
     * @return a transformer that uses the model; its inputCol is not set
     * @throws ConfigurationException if the configuration or the rows are wrong, or the executors
     *     cannot run MTL
     * @throws MtlException if a process fails, or an executor is lost
     */
    @Override
    public MtlPredictor fit(Dataset<?> rows) {
        var session = rows.sparkSession();
        var hadoop = session.sparkContext().hadoopConfiguration();
        var file = Path.of(MtlTransformer.required(this, config));
        var yaml = TrainingYaml.read(file, System.getenv(), List.of(getOrDefault(overrides)));
        var checked = yaml.configuration(file, Path.of("rows"), null, 1);
        var folder =
                TrainingFolder.of(
                        isDefined(output) ? getOrDefault(output) : checked.output().toString(),
                        hadoop);
        if (!isSet(resume) && !isSet(overwrite)) {
            folder.requireFree();
        }
        try {
            write(rows.toDF(), yaml, folder);
            var job =
                    new TrainingTask.Job(
                            yaml,
                            folder,
                            new SerializableConfiguration(hadoop),
                            UUID.randomUUID().toString(),
                            isSet(resume),
                            isSet(overwrite),
                            Duration.ofSeconds((int) getOrDefault(timeLimit)));
            TrainingTask.runAll(session, job, (int) getOrDefault(numProcesses));
        } finally {
            folder.deleteRows();
        }
        return new MtlPredictor().setModel(folder.output()).setParent(this);
    }

    private void write(Dataset<Row> rows, TrainingYaml yaml, TrainingFolder folder) {
        requireRead(yaml, TrainingYaml.TRAIN);
        var training = rows;
        if (isDefined(validationIndicatorCol)) {
            requireRead(yaml, TrainingYaml.VALIDATION);
            var name = getOrDefault(validationIndicatorCol);
            if (!Arrays.asList(rows.columns()).contains(name)
                    || !rows.schema().apply(name).dataType().equals(DataTypes.BooleanType)) {
                throw new ConfigurationException(
                        "%s: validationIndicatorCol: no column '%s' of booleans; there are %s"
                                .formatted(uid, name, rows.schema().simpleString()));
            }
            var held = functions.coalesce(rows.col(name), functions.lit(false));
            write(rows.filter(held), folder, TrainingYaml.VALIDATION);
            training = rows.filter(functions.not(held));
        } else if (yaml.reads(TrainingYaml.VALIDATION)) {
            throw new ConfigurationException(
                    "%s: %s reads ${%s}: set validationIndicatorCol: %s"
                            .formatted(
                                    uid,
                                    MtlTransformer.required(this, config),
                                    TrainingYaml.VALIDATION,
                                    validationIndicatorCol.doc()));
        }
        write(training, folder, TrainingYaml.TRAIN);
    }

    private void requireRead(TrainingYaml yaml, String variable) {
        if (!yaml.reads(variable)) {
            throw new ConfigurationException(
                    "%s: %s does not read the rows: write %s: \"${%s}\" with format: parquet"
                            .formatted(
                                    uid,
                                    MtlTransformer.required(this, config),
                                    TrainingYaml.FOLDERS.get(variable),
                                    variable));
        }
    }

    private static void write(Dataset<Row> rows, TrainingFolder folder, String variable) {
        rows.write()
                .mode("overwrite")
                .option("compression", "gzip")
                .parquet(folder.rowsUri() + "/" + TrainingYaml.FOLDERS.get(variable));
    }

    /** The schema as it is: what the predictor adds depends on the model. */
    @Override
    public StructType transformSchema(StructType schema) {
        return schema;
    }

    @Override
    public MtlTrainer copy(ParamMap extra) {
        return (MtlTrainer) defaultCopy(extra);
    }

    /** Reads what {@code save} has written. */
    public static MLReader<MtlTrainer> read() {
        return new Reader().read();
    }

    /** Reads what {@code save} has written. */
    public static MtlTrainer load(String path) {
        return read().load(path);
    }

    private static final class Reader implements DefaultParamsReadable<MtlTrainer> {}
}
