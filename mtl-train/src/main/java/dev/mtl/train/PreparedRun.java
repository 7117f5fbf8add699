package dev.mtl.train;

import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.DatasetReader;
import dev.mtl.train.loading.TaskFactory;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.run.Trainer;
import dev.mtl.train.workers.Workers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A run before its first step: its data, the model, and the trainer.
 *
 * @param device that the model is on
 * @param training encoded data to learn from
 * @param validation encoded data that the best model is selected by; may be empty
 */
record PreparedRun(
        Device device,
        List<TokenizedDataset> training,
        List<TokenizedDataset> validation,
        MultiTaskModel model,
        Workers workers,
        Trainer trainer)
        implements AutoCloseable {
    /** Mixed with the seed of the run for the initial weights of new heads. */
    private static final long NEW_HEADS = -1;

    /** Writes the model in its current state, with its scores if there is validation data. */
    interface Save {
        void save(MultiTaskModel model, Optional<ModelWriter.Scores> scores);
    }

    /**
     * Reads the data, then creates the model and the trainer.
     *
     * @param save called whenever the model is the best so far
     */
    static PreparedRun of(
            TrainingConfiguration configuration,
            ModelDirectory backbone,
            TrainingListener listener,
            Save save) {
        var config = configuration.config();
        var tasks = config.tasks().values();
        var device = Devices.choose(config.training().device());
        var training = DatasetReader.read(tasks, Split.TRAIN, configuration.inMemory());
        var validation = DatasetReader.read(tasks, Split.VALIDATION, configuration.inMemory());
        var model = newModel(config, configuration.heads(), backbone, training, device);
        var workers =
                new Workers("mtl-train", Devices.workers(device, config.training().workers()));
        try {
            var encoder = new DatasetEncoder(model, tasks);
            var encodedTraining = encoder.encodeTraining(training);
            var encodedValidation = encoder.encode(validation);
            var trainer =
                    new Trainer(
                            model,
                            tasks,
                            config.training(),
                            encodedTraining,
                            encodedValidation,
                            workers,
                            listener,
                            scores -> save.save(model, scores));
            return new PreparedRun(
                    device, encodedTraining, encodedValidation, model, workers, trainer);
        } catch (RuntimeException | Error e) {
            workers.close();
            model.close();
            throw e;
        }
    }

    /** The backbone with a new head for each task, whose labels are those of the training data. */
    private static MultiTaskModel newModel(
            RunConfig config,
            HeadRegistry heads,
            ModelDirectory backbone,
            List<Dataset> training,
            Device device) {
        var bert = BertConfig.read(backbone.config());
        int maxLength = SequenceLength.choose(config.model().maxLength(), backbone.path(), bert);
        var readout =
                SentenceModules.readout(backbone.path())
                        .configured(config.model().pooling(), config.model().normalization())
                        .withTruncateDim(config.model().truncateDim(), bert.hiddenSize());
        int size = bert.hiddenSize();
        int sentenceSize = readout.dimensions(size);
        var tasks = new LinkedHashMap<String, Task>();
        for (var task : config.tasks().values()) {
            tasks.put(task.name(), TaskFactory.of(task, heads, training, size, sentenceSize));
        }
        try (var _ = RandomStream.open(RandomStream.mix(config.training().seed(), NEW_HEADS))) {
            return ModelFiles.create(
                    backbone, readout, maxLength, config.model().prompt(), tasks, device);
        }
    }

    @Override
    public void close() {
        trainer.close();
        workers.close();
        model.close();
    }
}
