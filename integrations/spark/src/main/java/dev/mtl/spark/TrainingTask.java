package dev.mtl.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.JdkFaults;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.internal.files.OwnerLock;
import dev.mtl.core.nn.Devices;
import dev.mtl.spark.sockets.SocketProcesses;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.train.Training;
import dev.mtl.train.TrainingConfiguration;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.progress.TrainingListener;

import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskInterruptListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A task of a barrier stage: a process of a training. What is wrong with the training is its
 * result, which Spark brings to the driver as it is.
 */
final class TrainingTask extends AbstractFunction1<Iterator<Integer>, Iterator<String>>
        implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Logger LOG = Loggers.of(TrainingTask.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int ATTEMPTS = 120;
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Job job;

    /**
     * What all processes of a training are given.
     *
     * @param hadoop how file systems are reached
     * @param fit a text that nobody else knows
     * @param timeLimit of a process that does not answer
     */
    record Job(
            TrainingYaml yaml,
            TrainingFolder folder,
            SerializableConfiguration hadoop,
            String fit,
            boolean resume,
            boolean overwrite,
            Duration timeLimit)
            implements Serializable {}

    /**
     * How the training ended in a process.
     *
     * @param failure why it ended too early; null if it did not
     * @param configuration whether the configuration is why
     * @param ofAnother whether another process is why
     * @param warning of the JDK; null if there is none
     * @param ended in process 0, what became of the training
     */
    record Answer(
            @Nullable String failure,
            boolean configuration,
            boolean ofAnother,
            @Nullable String warning,
            @Nullable String ended) {
        static Answer read(String json) {
            try {
                return JSON.readValue(json, Answer.class);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(json, e);
            }
        }

        void raise() {
            var message = "training failed: " + failure;
            throw configuration ? new ConfigurationException(message) : new MtlException(message);
        }
    }

    TrainingTask(Job job) {
        this.job = job;
    }

    /**
     * Trains in the tasks of a barrier stage.
     *
     * @throws ConfigurationException if the configuration or the rows are wrong, or the executors
     *     cannot run MTL
     * @throws MtlException if a process fails, or an executor is lost
     */
    static void runAll(SparkSession session, Job job, int processes) {
        var ranks = IntStream.range(0, processes).boxed().toList();
        List<Answer> answers;
        try {
            answers =
                    JavaSparkContext.fromSparkContext(session.sparkContext())
                            .parallelize(ranks, processes)
                            .rdd()
                            .barrier()
                            .mapPartitions(
                                    new TrainingTask(job),
                                    false,
                                    ClassTag$.MODULE$.<String>apply(String.class))
                            .toJavaRDD()
                            .collect()
                            .stream()
                            .map(Answer::read)
                            .toList();
        } catch (Exception e) { // Spark throws checked ones undeclared
            throw ExecutorAnswer.explained(
                    "training was lost; setResume(true) goes on from its last checkpoint", e);
        }
        answers.stream()
                .filter(answer -> answer.failure() != null)
                .min(Comparator.comparing(Answer::ofAnother))
                .ifPresent(Answer::raise);
        answers.stream()
                .flatMap(answer -> Stream.ofNullable(answer.warning()))
                .distinct()
                .forEach(warning -> LOG.warn("executors: {}", warning));
        LOG.info("{}: {}", job.folder().output(), answers.getFirst().ended());
    }

    @Override
    public Iterator<String> apply(Iterator<Integer> rank) {
        try {
            var answer = JSON.writeValueAsString(run(BarrierTaskContext.get()));
            return CollectionConverters.asScala(List.of(answer).iterator());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer run(BarrierTaskContext context) {
        int rank = context.partitionId();
        var host = context.getTaskInfos()[rank].address().replaceFirst(":\\d+$", "");
        try (var processes =
                SocketProcesses.open(
                        rank,
                        host,
                        job.fit(),
                        job.timeLimit(),
                        own -> List.of(context.allGather(own)))) {
            try {
                return train(context, processes);
            } catch (CollectiveException e) {
                return failed(e, processes, true);
            } catch (RuntimeException | LinkageError | IOException e) {
                LOG.error("{} ends the training", processes.name(rank), e);
                return failed(e, processes, false);
            } catch (Error e) {
                processes.fail(e.toString());
                throw e;
            }
        }
    }

    private static Answer failed(Throwable e, Collective processes, boolean ofAnother) {
        var reason =
                switch (e) {
                    case MtlException known -> String.valueOf(known.getMessage());
                    case IOException io -> Reasons.of(io);
                    default -> e.toString();
                };
        processes.fail(reason);
        var said = ofAnother ? reason : processes.name(processes.rank()) + ": " + reason;
        return new Answer(said, e instanceof ConfigurationException, ofAnother, null, null);
    }

    private Answer train(BarrierTaskContext context, Collective processes) throws IOException {
        ExecutorAnswer.requireNativeAccess();
        boolean writes = processes.rank() == 0;
        if (writes) {
            if (job.resume()) {
                awaitEarlierRun(job.folder().run());
            }
            job.folder().fetch(job.resume());
        }
        var config = configuration(context.cpus());
        var backbone = ModelLocation.of(config.backbone(), job.hadoop().value()).directory();
        try (var training = Training.of(config, backbone)) {
            TaskInterruptListener stop = (_, reason) -> training.stop();
            context.addTaskInterruptListener(stop);
            var result =
                    training.across(processes)
                            .listen(new Progress(job.folder()))
                            .resume(job.resume())
                            .overwrite(job.overwrite())
                            .run();
            if (writes) {
                job.folder().publish();
            }
            processes.allGather(new byte[0]); // nobody reads the rows any more
            job.folder().forget();
            var ended =
                    "%s after %d steps: %s"
                            .formatted(result.outcome(), result.steps(), result.scores());
            return new Answer(null, false, false, JdkFaults.ofThisProcess().orElse(null), ended);
        }
    }

    /** A run that has lost an executor may still be writing its last checkpoint. */
    private static void awaitEarlierRun(Path run) {
        for (int i = 1; ; i++) {
            try (var _ = OwnerLock.acquire(run, "wait for it")) {
                return;
            } catch (MtlException e) {
                if (i == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private TrainingConfiguration configuration(int cpus) throws IOException {
        var folder = Files.createTempDirectory("mtl-training");
        try {
            return job.yaml()
                    .configuration(
                            Files.writeString(folder.resolve(job.yaml().name()), job.yaml().text()),
                            job.folder().rows(job.fit()),
                            job.folder().model(),
                            Math.min(cpus, Devices.maxWorkers()));
        } finally {
            AtomicDirectory.delete(folder);
        }
    }

    /** Logs what process 0 hears, and keeps each checkpoint where other nodes find it. */
    private record Progress(TrainingFolder folder) implements TrainingListener {
        @Override
        public void onEvaluation(Evaluated evaluated) {
            LOG.info("step {}: {}", evaluated.step(), evaluated.evaluation().tasks());
        }

        @Override
        public void onNote(String note) {
            LOG.info("{}", note);
        }

        @Override
        public void onCheckpoint(int step, Path path) {
            folder.publish();
        }
    }
}
