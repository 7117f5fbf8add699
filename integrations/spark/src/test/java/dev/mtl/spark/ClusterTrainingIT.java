package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.MtlException;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A training whose two processes are executors of their own. */
class ClusterTrainingIT {
    @TempDir static Path folder;

    private static SparkSession session = null;
    private static Path yaml = Path.of("");
    private static Dataset<Row> rows = null;

    @BeforeAll
    static void start() throws IOException {
        yaml = TrainedFiles.configuration(folder);
        session =
                LocalCluster.start(
                        2,
                        Map.of("spark.executorEnv.MTL_CACHE", folder.resolve("cache").toString()));
        rows = TrainedFiles.rows(session, 60);
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    private static MtlTrainer trainer(String output) {
        return new MtlTrainer()
                .setConfig(yaml.toString())
                .setOutput(folder.resolve(output).resolve("model").toString())
                .setValidationIndicatorCol("held_out")
                .setNumProcesses(2);
    }

    /** Kills an executor once there is a checkpoint. */
    private static final class Killer implements AutoCloseable {
        private final Path checkpoints;
        private volatile boolean killed;
        private volatile boolean closed;

        Killer(Path checkpoints) {
            this.checkpoints = checkpoints;
            Thread.ofPlatform().start(this::run);
        }

        private void run() {
            while (!closed && !killed) {
                try (var all = Files.list(checkpoints)) {
                    if (all.anyMatch(one -> one.getFileName().toString().matches("step-\\d+"))) {
                        killed = LocalCluster.executors().getFirst().destroyForcibly();
                    }
                } catch (IOException _) { // there is none yet
                }
                LockSupport.parkNanos(2_000_000);
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void aTrainingThatHasLostAnExecutorGoesOnWithTheSameBits() {
        var expected = TrainedFiles.ofTheCommand(yaml, rows, folder.resolve("command"));
        try (var killer = new Killer(folder.resolve("lost/model.run/checkpoints"))) {
            assertThatThrownBy(() -> trainer("lost").fit(rows))
                    .isInstanceOf(MtlException.class)
                    .hasMessageStartingWith("training was lost; setResume(true) goes on from")
                    .hasMessageContaining("ExecutorLostFailure");
            assertThat(killer.killed).isTrue();
        }
        assertThat(folder.resolve("lost/model.rows")).doesNotExist();
        trainer("lost").setResume(true).fit(rows);

        assertThat(TrainedFiles.of(folder.resolve("lost/model"))).isEqualTo(expected);
    }

    @Test
    void optimizerStateInPiecesGivesTheSameBits() throws IOException {
        var sharded =
                Files.writeString(
                        folder.resolve("sharded.yaml"),
                        Files.readString(yaml)
                                .replace("training:\n", "training:\n  shard_optimizer: true\n"));
        var expected = TrainedFiles.ofTheCommand(yaml, rows, folder.resolve("whole"));

        trainer("sharded").setConfig(sharded.toString()).fit(rows);

        assertThat(TrainedFiles.of(folder.resolve("sharded/model"))).isEqualTo(expected);
    }
}
