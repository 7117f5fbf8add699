package dev.mtl.bench;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.train.Training;
import dev.mtl.train.TrainingConfiguration;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Steps of the quickstart's training, 32 sentences each. Run it in the repository's root, which has
 * the data.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 1)
@Measurement(iterations = 3)
@Fork(1)
public class TrainingBenchmark {
    /** Where it runs. */
    @Param({"cpu", "cuda"})
    public String device = "";

    /** The arithmetic. */
    @Param({"fp32", "bf16"})
    public String precision = "";

    /** Optimizer steps. */
    @Param("13")
    public int steps;

    /** Loading, tokens, all steps and saving. */
    @Benchmark
    public int train() throws IOException {
        var output = Files.createTempDirectory("mtl-bench");
        var config =
                TrainingConfiguration.read(
                        Path.of("config/quickstart.yaml"),
                        Map.of(),
                        List.of(
                                "training.max_steps=" + steps,
                                "training.batch_size=16",
                                "training.gradient_accumulation_steps=2",
                                "training.checkpoint_every=never",
                                "training.device=" + device,
                                "training.precision=" + precision,
                                "tasks.intent.data.validation=null",
                                "tasks.slots.data.validation=null",
                                "output.dir=" + output.resolve("model")),
                        HeadRegistry.load());
        try (var training = Training.of(config)) {
            return training.run().steps();
        }
    }
}
