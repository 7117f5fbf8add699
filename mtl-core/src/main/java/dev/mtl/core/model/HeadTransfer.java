package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.Initializer;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.nn.io.ParameterReader;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.weights.Safetensors;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * Weights that a new head takes over: from the checkpoint of the backbone, or of a trained head.
 */
public final class HeadTransfer {
    private HeadTransfer() {}

    /**
     * The first value of a parameter of a new head: the checkpoint's, where it has one, else drawn.
     *
     * @param labels of the head
     * @return owned by the innermost scope
     */
    static Tensor initial(ParameterSpec spec, List<String> labels, ModelDirectory backbone) {
        if (spec.initializer()
                instanceof Initializer.Pretrained(var names, var rowsAreLabels, var _)) {
            var rows = rowsAreLabels ? rows(labels, backbone) : new long[0];
            try (var source = Safetensors.open(backbone.weights())) {
                for (var name : names) {
                    if (rows != null
                            && source.tensors().containsKey(name)
                            && Arrays.equals(source.info(name).shape(), spec.shape())) {
                        var read = ParameterReader.read(source, name, spec);
                        return rows.length == 0
                                ? read
                                : read.indexSelect(0, Tensors.of(rows, rows.length));
                    }
                }
            } catch (IOException e) {
                throw new MtlException(
                        backbone.weights() + ": cannot be closed: " + Reasons.of(e), e);
            }
        }
        return spec.initializer().make(spec.shape());
    }

    /**
     * Which row of the checkpoint each label has; empty if a head has one value, without a name;
     * null if the checkpoint has other labels.
     */
    private static long @Nullable [] rows(List<String> labels, ModelDirectory backbone) {
        if (labels.size() == 1) {
            return new long[0];
        }
        var byLabel = new HashMap<String, Long>();
        for (var entry : JsonFiles.readObject(backbone.config()).path("id2label").properties()) {
            if (entry.getKey().matches("[0-9]{1,9}")) {
                byLabel.put(entry.getValue().asText(), Long.parseLong(entry.getKey()));
            }
        }
        return byLabel.keySet().equals(Set.copyOf(labels))
                ? labels.stream().mapToLong(byLabel::get).toArray()
                : null;
    }

    /**
     * Copies the weights of a head in place. A parameter with a row for each label may have more
     * labels than the trained one: those rows keep their values.
     *
     * @param directory of the trained model
     * @param from the trained task
     * @param model takes the weights
     * @param to the task of the model, whose labels begin with those of {@code from}
     * @return the names of parameters that the trained head does not have, which are unchanged
     * @throws ConfigurationException if a parameter has another shape that labels do not explain
     */
    public static List<String> copy(Path directory, Task from, MultiTaskModel model, Task to) {
        var missing = new ArrayList<String>();
        try (var scope = TensorScope.open()) {
            var trained = new LinkedHashMap<String, Tensor>();
            new HeadFiles(directory).readWeights(from, model.device(), scope, trained);
            for (var spec : to.head().parameters()) {
                var source = trained.get(from.prefix() + "." + spec.name());
                if (source == null) {
                    missing.add(spec.name());
                    continue;
                }
                var target = model.parameters().in(to.prefix()).get(spec.name());
                target.copyFrom(
                        Arrays.equals(source.shape(), target.shape())
                                ? source
                                : extended(source, target, spec.name(), from, to));
            }
        }
        return missing;
    }

    /** The values of {@code target}, with those of {@code source} where it has some. */
    private static Tensor extended(Tensor source, Tensor target, String name, Task from, Task to) {
        var old = source.shape();
        var all = target.shape();
        boolean byLabel = old.length == all.length;
        for (int i = 0; byLabel && i < all.length; i++) {
            byLabel =
                    old[i] == all[i]
                            || (old[i] == from.labels().size() && all[i] == to.labels().size());
        }
        if (!byLabel) {
            throw new ConfigurationException(
                    ("tasks.%s: the trained head's parameter %s has the shape %s, with these"
                                    + " settings it is %s; give the task the settings that it was"
                                    + " trained with, or another name, for a new head")
                            .formatted(
                                    to.name(), name, Arrays.toString(old), Arrays.toString(all)));
        }
        var known = source.toFloats();
        var values = target.toFloats();
        for (int i = 0; i < known.length; i++) {
            values[position(i, old, all)] = known[i];
        }
        return Tensors.of(values, all).to(target.device());
    }

    /** Where an element of a tensor is in a larger one, both row by row. */
    private static int position(int index, long[] shape, long[] larger) {
        long position = 0;
        long stride = 1;
        long rest = index;
        for (int i = shape.length - 1; i >= 0; i--) {
            position += rest % shape[i] * stride;
            rest /= shape[i];
            stride *= larger[i];
        }
        return Math.toIntExact(position);
    }
}
