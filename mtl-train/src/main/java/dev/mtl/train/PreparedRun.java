package dev.mtl.train;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.SequenceLength;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.ModelWriter;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.checkpoint.RunIdentity;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.ProcessCores;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.config.RunConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.DatasetReader;
import dev.mtl.train.loading.TaskFactory;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TrainingData;
import dev.mtl.train.progress.TrainingListener;
import dev.mtl.train.run.Trainer;
import dev.mtl.train.streaming.StreamedDataset;
import dev.mtl.train.streaming.StreamedSources;
import dev.mtl.train.teacher.Teachers;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A run before its first step: its data, the model, and the trainer.
 *
 * @param device that the model is on
 * @param streams what a first pass found out about streamed training data
 * @param teachers what the heads of tasks learn from besides the data
 * @param training encoded data to learn from
 * @param validation encoded data that the best model is selected by; may be empty
 * @param test encoded data that the best model is scored on; may be empty
 * @param initial the trained model that the run goes on from
 * @param notes what became of the heads of a trained model, as lines for the user
 */
record PreparedRun(
        Device device,
        StreamedSources streams,
        Teachers teachers,
        List<TrainingData> training,
        List<TokenizedDataset> validation,
        List<TokenizedDataset> test,
        MultiTaskModel model,
        Workers workers,
        Trainer trainer,
        Optional<InitialModel> initial,
        List<String> notes)
        implements AutoCloseable {
    /** Writes the model in its current state, with its scores if there is validation data. */
    interface Save {
        void save(MultiTaskModel model, Optional<ModelWriter.Scores> scores);
    }

    /**
     * Reads the data, then creates the model and the trainer.
     *
     * @param store finds the models that heads learn from
     * @param initial the trained model that the run goes on from
     * @param resumed the directory of the run that is resumed; null for a new one
     * @param processes that train together
     * @param save called whenever the model is the best so far
     */
    static PreparedRun of(
            TrainingConfiguration configuration,
            ModelDirectory backbone,
            Function<String, ModelDirectory> store,
            Optional<InitialModel> initial,
            @Nullable Path resumed,
            Collective processes,
            TrainingListener listener,
            Save save) {
        var config = configuration.config();
        var tasks = config.tasks().values();
        var device = Devices.choose(config.training().device());
        int workerCount = workerCount(device, config, processes);
        var rows =
                DatasetReader.read(
                        StreamedSources.inMemory(tasks), Split.TRAIN, configuration.inMemory());
        var streams =
                StreamedSources.scan(
                        tasks,
                        configuration.inMemory(),
                        configuration.heads(),
                        resumed,
                        listener::onFirstPass);
        var held = DatasetReader.read(tasks, Split.VALIDATION, configuration.inMemory());
        var unseen =
                processes.rank() == 0
                        ? DatasetReader.read(tasks, Split.TEST, configuration.inMemory())
                        : List.<Dataset>of();
        var teachers =
                Teachers.of(
                        tasks,
                        configuration.heads(),
                        Stream.of(rows, held).flatMap(List::stream).toList(),
                        unseen,
                        new Teachers.Setup(
                                store,
                                EncoderOptions.defaults()
                                        .withDevice(device)
                                        .withWorkers(workerCount),
                                config.output().run(),
                                processes,
                                listener::onNote));
        var training = teachers.teach(rows);
        var validation = teachers.teach(held);
        var test = teachers.teach(unseen);
        var notes =
                new ArrayList<>(
                        initial.isEmpty() ? InitialModel.droppedHeads(backbone) : List.of());
        var model =
                newModel(
                        config,
                        configuration.heads(),
                        backbone,
                        initial,
                        training,
                        streams,
                        device,
                        notes);
        var workers = new Workers("mtl-train", workerCount);
        try {
            var encoder = new DatasetEncoder(model, tasks);
            var encodedTraining = new ArrayList<TrainingData>(encoder.encodeTraining(training));
            encodedTraining.addAll(streams.encode(encoder));
            var encodedValidation = encoder.encode(validation);
            var encodedTest = encoder.encode(test);
            var trainer =
                    new Trainer(
                            model,
                            tasks,
                            config.training(),
                            encodedTraining,
                            encodedValidation,
                            workers,
                            processes,
                            listener,
                            scores -> save.save(model, scores));
            initial.ifPresent(
                    own -> notes.addAll(own.unlearnedLabels(model, trainer::headNeverTrains)));
            return new PreparedRun(
                    device,
                    streams,
                    teachers,
                    encodedTraining,
                    encodedValidation,
                    encodedTest,
                    model,
                    workers,
                    trainer,
                    initial,
                    List.copyOf(notes));
        } catch (RuntimeException | Error e) {
            workers.close();
            model.close();
            throw e;
        }
    }

    private static int workerCount(Device device, RunConfig config, Collective processes) {
        if (processes.size() > 1) {
            if (!device.isCpu()) {
                throw new ConfigurationException(
                        "training.device is %s, but several processes train on CPUs; start one process, or set training.device: cpu"
                                .formatted(device));
            }
            int cores = ProcessCores.of(processes);
            if (config.training().workers() == null) {
                return cores;
            }
        }
        try {
            return Devices.workers(device, config.training().workers());
        } catch (ConfigurationException e) {
            throw new ConfigurationException("training.workers: " + e.getMessage(), e);
        }
    }

    /**
     * The backbone with a head for each task: that of the model that the run goes on from, or a new
     * one whose labels are those of the training data.
     *
     * @param notes receives lines for the user
     */
    private static MultiTaskModel newModel(
            RunConfig config,
            HeadRegistry heads,
            ModelDirectory backbone,
            Optional<InitialModel> initial,
            List<Dataset> training,
            StreamedSources streams,
            Device device,
            List<String> notes) {
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
            var known = initial.map(own -> own.labels(task.name())).orElse(List.of());
            tasks.put(
                    task.name(),
                    withLayers(
                            task(task, heads, training, streams, known, bert, sentenceSize),
                            task.layers(),
                            bert.numHiddenLayers()));
        }
        long seed = InitialModel.seedOfHeads(config.training().seed(), backbone);
        MultiTaskModel model;
        try (var _ = RandomStream.open(seed)) {
            model =
                    ModelFiles.create(
                            backbone,
                            readout,
                            maxLength,
                            config.model().prompt(),
                            tasks,
                            config.training().adapter().plan(),
                            device);
        }
        try {
            initial.ifPresent(
                    own -> {
                        notes.addAll(own.copyHeads(model));
                        notes.addAll(own.differences(config.model(), readout));
                    });
            return model;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    private static Task withLayers(Task task, LayerMix layers, int depth) {
        try {
            return task.withLayers(layers, depth);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("tasks." + task.name() + ": " + e.getMessage(), e);
        }
    }

    private static Task task(
            TaskConfig task,
            HeadRegistry heads,
            List<Dataset> training,
            StreamedSources streams,
            List<String> known,
            BertConfig bert,
            int sentenceSize) {
        int size = bert.hiddenSize();
        var labels = streams.labels(task.name());
        if (labels.isEmpty()) {
            return TaskFactory.of(
                    task, heads, training, known, size, sentenceSize, bert.vocabulary());
        }
        try (var targets = streams.targets(task.name())) {
            return TaskFactory.ofLabels(
                    task,
                    heads,
                    known,
                    labels.get(),
                    targets,
                    size,
                    sentenceSize,
                    bert.vocabulary());
        }
    }

    /** What a checkpoint is of. */
    RunIdentity identity(String printed) {
        return RunIdentity.of(
                printed,
                TokenizedDataset.datasets(
                        training.stream()
                                .filter(TokenizedDataset.class::isInstance)
                                .map(TokenizedDataset.class::cast)
                                .toList()),
                training.stream()
                        .filter(StreamedDataset.class::isInstance)
                        .map(data -> ((StreamedDataset) data).checksum())
                        .toList(),
                TokenizedDataset.datasets(validation));
    }

    /** Whether the answers of a task are, whatever is trained, those of the model before. */
    boolean isUnchanged(String task) {
        return initial.isPresent()
                && initial.get().kept().contains(task)
                && trainer.leavesUnchanged(task);
    }

    @Override
    public void close() {
        trainer.close();
        workers.close();
        model.close();
    }
}
