package dev.mtl.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.JdkFaults;
import dev.mtl.spark.PredictionColumn.TaskKind;
import dev.mtl.torch.logging.Loggers;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What an executor says of a model before a job uses it.
 *
 * @param failure why it cannot use the model; null if it can
 * @param warning of its JDK; null if there is none
 * @param tasks of the model that predict
 * @param hasEmbedding whether an example has one embedding
 */
record ExecutorAnswer(
        @Nullable String failure,
        @Nullable String warning,
        List<TaskKind> tasks,
        boolean hasEmbedding) {
    /** Where nobody needs to know. */
    static final ExecutorAnswer UNASKED = new ExecutorAnswer(null, null, List.of(), true);

    private static final Logger LOG = Loggers.of(ExecutorAnswer.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Pattern CLASS_FILES =
            Pattern.compile("UnsupportedClassVersionError.*?class file versions? up to (\\d+)");

    /** Class files of Java N have the version N + 44. */
    private static final int CLASS_FILE_OFFSET = 44;

    /** A task that asks; its result is JSON, which every serializer of Spark can bring back. */
    private record Question(ModelUse use) implements Function<Integer, String> {
        @Override
        public String call(Integer ignored) throws JsonProcessingException {
            return JSON.writeValueAsString(here(use));
        }
    }

    /**
     * Asks an executor, by a job of one task.
     *
     * @throws ConfigurationException if it cannot run MTL or use the model
     */
    static ExecutorAnswer ask(SparkSession session, ModelUse use) {
        ExecutorAnswer answer;
        try {
            var context = JavaSparkContext.fromSparkContext(session.sparkContext());
            var json = context.parallelize(List.of(0), 1).map(new Question(use)).first();
            answer = JSON.readValue(json, ExecutorAnswer.class);
        } catch (Exception e) { // Spark throws checked ones undeclared
            throw explained("no executor could be asked for the model", e);
        }
        if (answer.failure != null) {
            throw new ConfigurationException(
                    "the executors cannot use the model: " + answer.failure);
        }
        if (answer.warning != null) {
            LOG.warn("executors: {}", answer.warning);
        }
        return answer;
    }

    /**
     * What to throw for a job that failed.
     *
     * @param otherwise what the message begins with if the reason is not a known one
     */
    static MtlException explained(String otherwise, Exception failure) {
        var message = String.valueOf(failure.getMessage());
        var tooOld = CLASS_FILES.matcher(message);
        if (tooOld.find()) {
            return new ConfigurationException(
                    ("the executors run on Java %d, MTL needs Java 25 or newer: install it on the"
                                    + " nodes and set spark.executorEnv.JAVA_HOME to it")
                            .formatted(Integer.parseInt(tooOld.group(1)) - CLASS_FILE_OFFSET),
                    failure);
        }
        if (message.contains("ClassNotFoundException: dev.mtl.")) {
            return new ConfigurationException(
                    "the executors do not have mtl-spark: give its jar to spark-submit --jars",
                    failure);
        }
        return new MtlException(otherwise + ": " + message, failure);
    }

    /** The answer of this JVM. */
    private static ExecutorAnswer here(ModelUse use) {
        try (var lease = PartitionRows.lease(use)) {
            var model = lease.model();
            return new ExecutorAnswer(
                    null,
                    JdkFaults.ofThisProcess().orElse(null),
                    model.tasks(),
                    model.hasEmbedding());
        } catch (MtlException e) {
            LOG.debug("{} cannot be used", use.location().name(), e);
            return new ExecutorAnswer(e.getMessage(), null, List.of(), false);
        } catch (RuntimeException | LinkageError e) {
            LOG.error("{} cannot be used", use.location().name(), e);
            return new ExecutorAnswer(e.toString(), null, List.of(), false);
        }
    }

    /**
     * Checks this JVM.
     *
     * @throws ConfigurationException if native access is not enabled
     */
    static void requireNativeAccess() {
        if (!ExecutorAnswer.class.getModule().isNativeAccessEnabled()) {
            throw new ConfigurationException(
                    "native access is not enabled: give"
                            + " spark.executor.extraJavaOptions=--enable-native-access=ALL-UNNAMED"
                            + " to spark-submit; where the driver is the executor (local[N]), start"
                            + " Java with --enable-native-access=ALL-UNNAMED");
        }
    }
}
