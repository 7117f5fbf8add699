package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.adapter.AdapterFiles;
import dev.mtl.core.adapter.AdapterPlan;
import dev.mtl.core.adapter.Adapters;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;

/**
 * The adapters of a model's directory, in PEFT's files: {@code adapter} if all tasks share one,
 * {@code adapters/TASK} if each has its own.
 */
final class AdapterFolders {
    private static final String OF_TASKS = "adapters";

    private AdapterFolders() {}

    /**
     * Makes new adapters.
     *
     * @param tensors receives their matrices, drawn from the thread's random stream or read
     * @param owner takes the matrices
     * @throws ConfigurationException if the encoder has no layers of some names
     */
    static Adapters create(
            AdapterPlan plan,
            BertConfig config,
            Collection<String> tasks,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        var specs = BertWeights.specs(config);
        var names = plan.perTask() ? List.copyOf(tasks) : List.of(Adapters.SHARED);
        var from = plan.initFrom();
        try (var _ = TensorScope.open()) {
            if (from != null) {
                var stored = BertWeights.adapter(from, config);
                var adapters =
                        new Adapters(
                                stored.lora(),
                                stored.layers(),
                                names,
                                plan.perTask(),
                                plan.merge());
                names.forEach(name -> put(name, stored, device, owner, tensors));
                return adapters;
            }
            var layers = plan.lora().layers(specs, config.modelType()::hfName);
            var adapters = new Adapters(plan.lora(), layers, names, plan.perTask(), plan.merge());
            for (var spec : adapters.specs()) {
                tensors.put(
                        spec.name(), owner.take(spec.initializer().make(spec.shape()).to(device)));
            }
            return adapters;
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("training.adapter: " + e.getMessage(), e);
        }
    }

    private static void put(
            String name,
            AdapterFiles.Stored stored,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        stored.weights()
                .forEach(
                        (matrix, own) ->
                                tensors.put(
                                        Adapters.PREFIX + name + "." + matrix,
                                        owner.take(own.copy().to(device))));
    }

    /**
     * Reads the adapters of a directory.
     *
     * @param tensors receives their matrices
     * @param owner takes the matrices
     * @return null if there are none
     */
    static @Nullable Adapters read(
            Path directory,
            BertConfig config,
            Collection<String> tasks,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        var shared = directory.resolve(AdapterFiles.FOLDER);
        boolean ofTasks = hasTaskAdapters(directory);
        if (!ofTasks && !Files.exists(shared.resolve(AdapterFiles.CONFIG))) {
            return null;
        }
        var names = ofTasks ? List.copyOf(tasks) : List.of(Adapters.SHARED);
        Adapters adapters = null;
        for (var name : names) {
            var folder = ofTasks ? directory.resolve(OF_TASKS).resolve(name) : shared;
            try (var _ = TensorScope.open()) {
                var stored = BertWeights.adapter(folder, config);
                if (adapters == null) {
                    adapters = new Adapters(stored.lora(), stored.layers(), names, ofTasks, false);
                }
                put(name, stored, device, owner, tensors);
            }
        }
        return adapters;
    }

    /** Whether each task of a directory has an adapter of its own. */
    static boolean hasTaskAdapters(Path directory) {
        return Files.isDirectory(directory.resolve(OF_TASKS));
    }

    /**
     * Writes the adapters that are kept beside the weights.
     *
     * @param base what the model was made from
     */
    static void write(Adapters adapters, Parameters parameters, String base, Path directory)
            throws IOException {
        for (var name : adapters.names()) {
            var folder =
                    adapters.ofTasks()
                            ? directory.resolve(OF_TASKS).resolve(name)
                            : directory.resolve(AdapterFiles.FOLDER);
            AdapterFiles.write(folder, adapters, name, parameters, base);
        }
    }
}
