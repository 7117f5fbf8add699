package dev.mtl.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Device;
import dev.mtl.train.checkpoint.Checkpoints;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.progress.Outcome;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** Runs of a tiny model that write checkpoints and go on from them. */
final class ResumableRun {
    private final Path folder;
    private final String common;
    private final ModelDirectory backbone;
    List<Dataset> data;
    List<Dataset> validation;
    Device device = Device.CPU;

    /** What a run leaves behind: its weights, and all that its listener heard. */
    record Ran(Map<String, float[]> weights, List<Object> heard, int saves, Outcome outcome) {
        void requireWeightsOf(Ran expected) {
            expected.weights()
                    .forEach(
                            (name, values) ->
                                    assertThat(weights.get(name)).as(name).containsExactly(values));
        }

        void requireHeard(List<Object> expected) {
            assertThat(heard)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
                    .isEqualTo(expected);
        }
    }

    /**
     * Runs in a folder.
     *
     * @param common keys of the {@code training} section
     */
    ResumableRun(Path folder, String common, int examples, int validated) {
        this.folder = folder;
        this.common = common;
        backbone = TinyModel.write(folder.resolve("backbone"), 1, 0.1);
        data = List.of(TinyTraining.data(examples, 5));
        validation = List.of(TinyTraining.data(validated, 6));
    }

    /** How one run differs from others. */
    record Run(String more, String place, int workers, boolean resume, int until) {}

    Ran train(Run run) {
        return train(Collective.alone(), run, step -> {});
    }

    /**
     * Trains, from the start or from a checkpoint, until a step is done.
     *
     * @param during is called after each step
     */
    Ran train(Collective processes, Run run, IntConsumer during) {
        var config = TestConfigs.training("{" + common + run.more() + "}");
        var heard = new ArrayList<Object>();
        var saves = new ArrayList<Integer>();
        var listener =
                new TrainingListener() {
                    @Override
                    public void onStep(Step step) {
                        heard.add(step);
                        during.accept(step.step());
                    }

                    @Override
                    public void onEvaluation(Evaluated evaluated) {
                        heard.add(
                                Arrays.asList(
                                        evaluated.step(),
                                        evaluated.trainLoss(),
                                        evaluated.evaluation().tasks(),
                                        evaluated.best()));
                    }
                };
        try (var model = TinyTraining.model(backbone, 0.1, device, config.adapter().plan());
                var workers = new Workers("test", run.workers());
                var trainer =
                        new Trainer(
                                model,
                                List.of(),
                                config,
                                TinyTraining.encode(model, data),
                                TinyTraining.encode(model, validation),
                                workers,
                                processes,
                                listener,
                                _ -> saves.add(1))) {
            if (processes.rank() == 0) {
                var checkpoints =
                        new Checkpoints(
                                folder.resolve(run.place()),
                                RunIdentity.of(run.more(), data, validation),
                                2);
                if (run.resume()) {
                    trainer.resume(checkpoints);
                }
                trainer.checkpointTo(checkpoints);
            }
            if (processes.size() > 1) {
                trainer.replicate(processes);
            }
            trainer.stopWhen(() -> processes.rank() == 0 && trainer.state().step() >= run.until());
            var outcome = trainer.train();
            return new Ran(weights(model), heard, saves.size(), outcome);
        }
    }

    /** The values of all parameters. */
    static Map<String, float[]> weights(MultiTaskModel model) {
        var weights = new LinkedHashMap<String, float[]>();
        for (var name : model.parameters().names()) {
            weights.put(name, model.parameters().get(name).toFloats());
        }
        return weights;
    }
}
