package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.adapter.AdapterPlan;
import dev.mtl.core.adapter.Adapters;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Makes models of what is said of them and of their weights; one that fails leaves no tensor. */
final class ModelAssembly {
    private ModelAssembly() {}

    /** What a model is made of, its tensors in a scope that the model then owns. */
    private interface Assembly {
        MultiTaskModel in(TensorScope owner);
    }

    private static MultiTaskModel owned(Assembly assembly) {
        var owner = TensorScope.shared();
        try {
            return assembly.in(owner);
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    /**
     * A new model, its heads drawn from the thread's random stream.
     *
     * @param description of the model; its files are the backbone's
     * @param plan of adapters, null for none
     * @throws ConfigurationException if the adapters do not fit the backbone
     */
    static MultiTaskModel create(
            ModelDescription description, @Nullable AdapterPlan plan, Device device) {
        return owned(
                owner -> {
                    try (var _ = TensorScope.open()) {
                        return create(description, plan, device, owner);
                    }
                });
    }

    private static MultiTaskModel create(
            ModelDescription description,
            @Nullable AdapterPlan plan,
            Device device,
            TensorScope owner) {
        var backbone = description.files();
        var config = description.config();
        var tensors = new LinkedHashMap<String, Tensor>();
        copy(BertWeights.load(backbone.weights(), config, device, owner), tensors);
        SentenceModules.readWeights(
                backbone.path(),
                description.readout(),
                config.hiddenSize(),
                device,
                owner,
                tensors);
        for (var task : description.tasks().values()) {
            for (var spec : task.specs()) {
                var initial = HeadTransfer.initial(spec, task.labels(), backbone);
                tensors.put(spec.name(), owner.take(initial.to(device)));
            }
        }
        var adapters =
                plan == null
                        ? null
                        : AdapterFolders.create(
                                plan, config, description.tasks().keySet(), device, owner, tensors);
        return MultiTaskModel.trainable(
                description, new Parameters(tensors), adapters, device, owner);
    }

    /** A model that was saved, to train or export it. */
    static MultiTaskModel trainable(ModelDescription description, Device device) {
        return owned(
                owner -> {
                    var weights = description.files().weights();
                    var config = description.config();
                    var tensors = new LinkedHashMap<String, Tensor>();
                    copy(BertWeights.loadPlain(weights, config, device, owner), tensors);
                    var adapters = adapters(description, device, owner, tensors);
                    return MultiTaskModel.trainable(
                            description,
                            description.withReadoutAndHeads(tensors, device, owner),
                            adapters,
                            device,
                            owner);
                });
    }

    /**
     * A model that was saved, for inference: on a CPU with weights packed for its kernels.
     *
     * @param precision of the backbone's linear layers, FP32, or on a CPU INT8
     */
    static MultiTaskModel forInference(
            ModelDescription description, Device device, Precision precision) {
        return owned(owner -> forInference(description, device, precision, owner));
    }

    private static MultiTaskModel forInference(
            ModelDescription description, Device device, Precision precision, TensorScope owner) {
        var config = description.config();
        var weights = description.files().weights();
        var tensors = new LinkedHashMap<String, Tensor>();
        var adapters =
                AdapterFolders.hasTaskAdapters(description.files().path())
                        ? adapters(description, device, owner, tensors)
                        : null;
        if (description.tasks().values().stream().anyMatch(task -> task.head().masks())) {
            tensors.put(BertWeights.WORDS, BertWeights.loadWords(weights, config, device, owner));
        }
        var parameters = description.withReadoutAndHeads(tensors, device, owner);
        // One thread: native helper threads of this one would slow down the workers'.
        var backbone =
                Threads.withThreads(
                        1, () -> StoredEncoder.load(weights, config, device, precision, owner));
        try {
            return MultiTaskModel.forInference(
                    description, backbone, parameters, adapters, device, owner);
        } catch (RuntimeException | Error e) {
            backbone.close();
            throw e;
        }
    }

    /** The adapters of a directory, null for none. */
    private static @Nullable Adapters adapters(
            ModelDescription description,
            Device device,
            TensorScope owner,
            SequencedMap<String, Tensor> tensors) {
        return AdapterFolders.read(
                description.files().path(),
                description.config(),
                description.tasks().keySet(),
                device,
                owner,
                tensors);
    }

    private static void copy(Parameters from, SequencedMap<String, Tensor> to) {
        from.names().forEach(name -> to.put(name, from.get(name)));
    }
}
