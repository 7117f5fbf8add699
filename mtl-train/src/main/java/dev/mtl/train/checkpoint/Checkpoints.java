package dev.mtl.train.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicDirectory;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.train.optim.WeightAverage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The checkpoints of a run: {@code step-00000040/} with the weights, AdamW's moments, the {@link
 * TrainerState}, and a checksum of each. A checkpoint is written to a temporary directory, synced
 * and renamed, so that it is complete or absent; only the last few are kept.
 */
public final class Checkpoints {
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String AVERAGE = "average.";
    private static final String PREFIX = "step-";
    private static final int FORMAT = 1;
    private static final JsonMapper JSON = new JsonMapper();

    private final Path directory;
    private final RunIdentity identity;
    private final int keep;
    private Optional<RunIdentity> restored = Optional.empty();
    private Averaged averaged = new Averaged(1, 1);

    /**
     * Which checkpoints the mean of the weights is taken of: not those of interruptions, so that it
     * is the same if there were none.
     *
     * @param count of them, that of the last step included
     * @param every how many steps one is due
     */
    private record Averaged(int count, int every) {
        /** Those before a step, the oldest first. */
        List<Path> before(int step, List<Path> all) {
            var due =
                    all.stream()
                            .filter(path -> stepOf(path) < step && stepOf(path) % every == 0)
                            .toList();
            return due.subList(Math.max(0, due.size() - count + 1), due.size());
        }
    }

    /**
     * The checkpoints in a directory.
     *
     * @param identity of the run that writes and reads them
     * @param keep how many of the last ones are kept
     */
    public Checkpoints(Path directory, RunIdentity identity, int keep) {
        this.directory = directory;
        this.identity = identity;
        this.keep = keep;
    }

    /**
     * Keeps what {@link #mean} needs, besides the last few.
     *
     * @param count the number of checkpoints that are averaged
     * @param every how many steps one is due
     */
    public void keepForMean(int count, int every) {
        averaged = new Averaged(count, every);
    }

    /**
     * The mean of the weights as they are and of those of the checkpoints before.
     *
     * @param parameters the model's
     * @param step that is done
     * @throws MtlException if a checkpoint is damaged
     */
    public WeightAverage mean(Parameters parameters, int step) {
        var readers = new ArrayList<SafetensorsReader>();
        try {
            for (var path : averaged.before(step, all())) {
                requireFit(path);
                readers.add(SafetensorsReader.open(path.resolve(MODEL)));
            }
            return WeightAverage.mean(
                    parameters,
                    readers.stream()
                            .<Function<String, Tensor>>map(
                                    reader ->
                                            name ->
                                                    ParameterReader.read(
                                                            reader,
                                                            name,
                                                            parameters.get(name).shape()))
                            .toList());
        } finally {
            readers.forEach(Checkpoints::close);
        }
    }

    private static void requireFit(Path checkpoint) {
        try {
            Checksums.check(checkpoint);
        } catch (MtlException e) {
            throw new MtlException(
                    "training.average_checkpoints: the checkpoint %s is damaged: %s; delete it, and --resume averages the others"
                            .formatted(checkpoint, e.getMessage()),
                    e);
        }
    }

    private static void close(SafetensorsReader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            throw new MtlException(reader.file() + ": cannot be closed: " + Reasons.of(e), e);
        }
    }

    private static int stepOf(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().substring(PREFIX.length()));
    }

    /**
     * Writes a checkpoint, and deletes those that are no longer kept.
     *
     * @param moments AdamW's, of the parameters that have been updated
     * @param averages of the weights by parameter; empty if there are none
     * @return the directory of the checkpoint
     * @throws MtlException if it cannot be written; names the one before it, which is unchanged
     */
    public Path write(
            TrainerState state,
            Parameters parameters,
            Map<String, AdamW.Moments> moments,
            Map<String, Tensor> averages) {
        var target = directory.resolve(String.format(Locale.ROOT, PREFIX + "%08d", state.step()));
        try {
            AtomicDirectory.replace(
                    target,
                    staging -> {
                        ParameterWriter.write(staging.resolve(MODEL), tensors(parameters));
                        ParameterWriter.write(
                                staging.resolve(OPTIMIZER), tensors(moments, averages));
                        Files.writeString(
                                staging.resolve(STATE), JSON.writeValueAsString(json(state)));
                        Checksums.write(staging, List.of(MODEL, OPTIMIZER, STATE));
                    });
        } catch (MtlException e) {
            var before = all().reversed().stream().filter(Checksums::fit).findFirst();
            throw new MtlException(
                    e.getMessage()
                            + before.map(
                                            path ->
                                                    "; the checkpoint before it is intact: once"
                                                        + " there is room, --resume continues from "
                                                            + path)
                                    .orElse("; there is no checkpoint before it"),
                    e);
        }
        var all = all();
        var old = new ArrayList<>(all.subList(0, Math.max(0, all.size() - keep)));
        old.removeAll(averaged.before(Integer.MAX_VALUE, all));
        old.forEach(AtomicDirectory::delete);
        return target;
    }

    private static Map<String, Tensor> tensors(Parameters parameters) {
        var tensors = new LinkedHashMap<String, Tensor>();
        parameters.names().forEach(name -> tensors.put(name, parameters.get(name)));
        return tensors;
    }

    private static Map<String, Tensor> tensors(
            Map<String, AdamW.Moments> moments, Map<String, Tensor> averages) {
        var tensors = new LinkedHashMap<String, Tensor>();
        moments.forEach(
                (name, moment) -> {
                    tensors.put("first." + name, moment.first());
                    tensors.put("second." + name, moment.second());
                    tensors.put("step." + name, moment.step());
                });
        averages.forEach((name, average) -> tensors.put(AVERAGE + name, average));
        return tensors;
    }

    private Map<String, Object> json(TrainerState state) {
        var json = new LinkedHashMap<String, Object>();
        json.put("format", FORMAT);
        json.put("counters", state.toJson());
        json.put("data", identity.data());
        json.put("validation", identity.validation());
        json.put("config", identity.config());
        return json;
    }

    /** The directories of all checkpoints, the oldest first. */
    public List<Path> all() {
        return in(directory);
    }

    static List<Path> in(Path directory) {
        return matching(directory, PREFIX + "\\d{8}");
    }

    private static List<Path> matching(Path directory, String names) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(names))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new MtlException(directory + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    /**
     * Reads the last checkpoint, and deletes incomplete ones of a run that was killed.
     *
     * @param parameters the model's, which take the weights
     * @param optimizer takes the moments, which are freed after the call
     * @param average takes the averages of the weights, which are freed after the call; none if the
     *     checkpoint has none
     * @throws ConfigurationException if there is no checkpoint, or it is of another run
     * @throws MtlException if it is damaged; names an earlier one that is intact
     */
    public TrainerState restore(
            Parameters parameters,
            Consumer<Map<String, AdamW.Moments>> optimizer,
            Consumer<Map<String, Tensor>> average) {
        matching(directory, PREFIX + "\\d{8}\\.writing").forEach(AtomicDirectory::delete);
        var all = all();
        if (all.isEmpty()) {
            throw new ConfigurationException(
                    "cannot resume: there is no checkpoint in "
                            + directory
                            + ": nothing was trained yet, or another output.dir; train without"
                            + " --resume");
        }
        var last = all.getLast();
        requireIntact(last, all.subList(0, all.size() - 1).reversed());
        var state = read(last.resolve(STATE));
        if (state.path("format").asInt() != FORMAT) {
            throw new ConfigurationException(
                    "cannot resume: "
                            + last
                            + " has format "
                            + state.path("format")
                            + ", this version of MTL reads "
                            + FORMAT
                            + "; continue with the version that wrote it, or train from the start"
                            + " without --resume");
        }
        var config = new ArrayList<String>();
        state.path("config").forEach(line -> config.add(line.asText()));
        var before =
                new RunIdentity(
                        config, state.path("data").asText(), state.path("validation").asText());
        identity.requireSame(before, last.toString());
        restored = Optional.of(before);
        try (var _ = TensorScope.open()) {
            load(last.resolve(MODEL), parameters);
            optimizer.accept(moments(last.resolve(OPTIMIZER), parameters));
            average.accept(averages(last.resolve(OPTIMIZER), parameters));
        }
        return TrainerState.fromJson(state.path("counters"));
    }

    /**
     * How many steps the run was meant to have when the restored checkpoint was written; empty if
     * none was restored, or it does not say.
     */
    public OptionalInt stepsBefore(int stepsPerEpoch) {
        return restored.map(run -> run.steps(stepsPerEpoch)).orElse(OptionalInt.empty());
    }

    private static void requireIntact(Path checkpoint, List<Path> before) {
        try {
            Checksums.check(checkpoint);
        } catch (MtlException e) {
            var intact = before.stream().filter(Checksums::fit).findFirst();
            throw new MtlException(
                    "cannot resume: the checkpoint "
                            + checkpoint
                            + " is damaged: "
                            + e.getMessage()
                            + intact.map(path -> "; delete it, and --resume continues from " + path)
                                    .orElse("; there is no other: train without --resume"),
                    e);
        }
    }

    private static JsonNode read(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }

    private static void load(Path file, Parameters parameters) {
        try (var reader = SafetensorsReader.open(file)) {
            for (var name : parameters.names()) {
                try (var _ = TensorScope.open()) {
                    var weight = parameters.get(name);
                    weight.copyFrom(ParameterReader.read(reader, name, weight.shape()));
                }
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
    }

    private static Map<String, AdamW.Moments> moments(Path file, Parameters parameters) {
        var moments = new LinkedHashMap<String, AdamW.Moments>();
        try (var reader = SafetensorsReader.open(file)) {
            for (var name : parameters.names()) {
                if (reader.tensors().containsKey("step." + name)) {
                    var shape = parameters.get(name).shape();
                    moments.put(
                            name,
                            new AdamW.Moments(
                                    ParameterReader.read(reader, "first." + name, shape),
                                    ParameterReader.read(reader, "second." + name, shape),
                                    ParameterReader.read(reader, "step." + name, new long[0])));
                }
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
        return moments;
    }

    private static Map<String, Tensor> averages(Path file, Parameters parameters) {
        var averages = new LinkedHashMap<String, Tensor>();
        try (var reader = SafetensorsReader.open(file)) {
            for (var name : parameters.names()) {
                if (reader.tensors().containsKey(AVERAGE + name)) {
                    averages.put(
                            name,
                            ParameterReader.read(
                                    reader, AVERAGE + name, parameters.get(name).shape()));
                }
            }
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be closed: " + Reasons.of(e), e);
        }
        return averages;
    }
}
