package dev.mtl.core.model;

import dev.mtl.core.adapter.Adapters;
import dev.mtl.core.adapter.LoraKernels;
import dev.mtl.core.bert.BertArrangement;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.kernel.SharedParts;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.TransformerEncoder;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The backbone as the tasks read it.
 *
 * @param shared by all tasks; without an adapter if the tasks have some of their own
 * @param ofTasks with the adapter of a task each, on the same weights; empty if all share one
 *     encoder
 */
public record TaskEncoders(TransformerEncoder shared, Map<String, TransformerEncoder> ofTasks) {
    public TaskEncoders {
        ofTasks = Map.copyOf(ofTasks);
    }

    /**
     * The encoders on some weights.
     *
     * @param kernels on the backbone's weights
     * @param parameters with those of the adapters
     * @param adapters null for none
     * @param mode of the adapters' dropout
     */
    static TaskEncoders on(
            BertConfig config,
            Kernels kernels,
            Parameters parameters,
            @Nullable Adapters adapters,
            Mode mode) {
        if (adapters == null) {
            return new TaskEncoders(BertArrangement.encoder(config, kernels), Map.of());
        }
        var parts = new SharedParts(kernels);
        Function<String, TransformerEncoder> adapted =
                name ->
                        BertArrangement.encoder(
                                config, new LoraKernels(parts, adapters, parameters, name, mode));
        return adapters.ofTasks()
                ? new TaskEncoders(
                        BertArrangement.encoder(config, parts), forEach(adapters, adapted))
                : new TaskEncoders(adapted.apply(Adapters.SHARED), Map.of());
    }

    /**
     * The encoders on packed weights.
     *
     * @param adapters that tasks have of their own, null for none
     * @param parameters with those of the adapters
     */
    static TaskEncoders of(
            StoredEncoder backbone, @Nullable Adapters adapters, Parameters parameters) {
        if (adapters == null) {
            return new TaskEncoders(backbone.encoder(), Map.of());
        }
        return new TaskEncoders(
                backbone.encoder(),
                forEach(
                        adapters,
                        name ->
                                backbone.encoder(
                                        kernels ->
                                                new LoraKernels(
                                                        kernels,
                                                        adapters,
                                                        parameters,
                                                        name,
                                                        Mode.EVALUATION))));
    }

    private static Map<String, TransformerEncoder> forEach(
            Adapters adapters, Function<String, TransformerEncoder> encoder) {
        return adapters.names().stream().collect(Collectors.toMap(name -> name, encoder));
    }

    /** The tasks by the passes of the backbone that they need: all together, or one by one. */
    public List<List<String>> passes(Collection<String> tasks) {
        return ofTasks.isEmpty()
                ? List.of(List.copyOf(tasks))
                : tasks.stream().map(List::of).toList();
    }

    /**
     * The encoder of a pass.
     *
     * @param pass one of {@link #passes}
     */
    public TransformerEncoder of(List<String> pass) {
        return pass.size() == 1 ? ofTasks.getOrDefault(pass.getFirst(), shared) : shared;
    }
}
