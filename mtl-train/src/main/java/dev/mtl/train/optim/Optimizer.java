package dev.mtl.train.optim;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * AdamW over parameter groups with a learning rate and a weight decay each; clipping by the global
 * norm.
 */
public final class Optimizer implements ParameterUpdate, AutoCloseable {
    private final TensorScope owner = TensorScope.shared();
    private final SequencedMap<ParameterGroup, Members> groups = new LinkedHashMap<>();

    /** The parameters of a group, their positions among all, and their AdamW. */
    private record Members(List<String> names, List<Integer> positions, AdamW adamW) {}

    /**
     * Makes the groups.
     *
     * @param groupOf the group of a parameter's name
     * @param beta1 decay of the first moments, as {@code torch.optim.AdamW}
     * @param beta2 decay of the second moments
     * @param eps added to the root of the second moments
     */
    public Optimizer(
            Parameters parameters,
            Function<String, ParameterGroup> groupOf,
            double beta1,
            double beta2,
            double eps) {
        var names = List.copyOf(parameters.names());
        var positions = new LinkedHashMap<ParameterGroup, List<Integer>>();
        for (int i = 0; i < names.size(); i++) {
            positions
                    .computeIfAbsent(groupOf.apply(names.get(i)), group -> new ArrayList<>())
                    .add(i);
        }
        var tensors = parameters.tensors();
        positions.forEach(
                (group, members) ->
                        groups.put(
                                group,
                                new Members(
                                        members.stream().map(names::get).toList(),
                                        members,
                                        new AdamW(
                                                members.stream().map(tensors::get).toList(),
                                                owner,
                                                new AdamW.Settings(
                                                        beta1, beta2, eps, group.weightDecay())))));
    }

    /**
     * Scales gradients in place so that their global norm is at most {@code maxNorm}, as {@code
     * torch.nn.utils.clip_grad_norm_} does.
     *
     * @param maxNorm 0 for no limit
     * @return the norm before clipping
     */
    public static double clip(List<@Nullable Tensor> gradients, double maxNorm) {
        var present =
                gradients.stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList();
        // on one thread: the bits of a sum depend on the number of threads
        double norm = Threads.withThreads(1, () -> Gradients.globalNorm(present));
        double factor = maxNorm / (norm + 1e-6);
        if (maxNorm > 0 && factor < 1) {
            Gradients.scaleInPlace(present, factor);
        }
        return norm;
    }

    @Override
    public void step(List<@Nullable Tensor> gradients, double scheduleFactor) {
        groups.forEach(
                (group, members) -> {
                    var ofGroup = new ArrayList<@Nullable Tensor>();
                    members.positions().forEach(position -> ofGroup.add(gradients.get(position)));
                    members.adamW().step(ofGroup, group.learningRate() * scheduleFactor);
                });
    }

    /**
     * The learning rate of each part of the network that trains.
     *
     * @param trains whether a parameter trains, by its name
     */
    public SequencedMap<String, Double> learningRates(
            double scheduleFactor, Predicate<String> trains) {
        var rates = new LinkedHashMap<String, Double>();
        groups.forEach(
                (group, members) -> {
                    if (members.names().stream().anyMatch(trains)) {
                        rates.putIfAbsent(group.name(), group.learningRate() * scheduleFactor);
                    }
                });
        return rates;
    }

    /** The groups with their parameters' names, in the order of the network. */
    public SequencedMap<ParameterGroup, List<String>> groups() {
        var names = new LinkedHashMap<ParameterGroup, List<String>>();
        groups.forEach((group, members) -> names.put(group, members.names()));
        return names;
    }

    /** AdamW's moments by parameter; without parameters that have not been updated. */
    public SequencedMap<String, AdamW.Moments> state() {
        var state = new LinkedHashMap<String, AdamW.Moments>();
        for (var members : groups.values()) {
            for (int i = 0; i < members.names().size(); i++) {
                var name = members.names().get(i);
                members.adamW().moments(i).ifPresent(moments -> state.put(name, moments));
            }
        }
        return state;
    }

    /** Continues from a {@link #state}, which is copied. */
    public void restore(Map<String, AdamW.Moments> state) {
        for (var members : groups.values()) {
            for (int i = 0; i < members.names().size(); i++) {
                var moments = state.get(members.names().get(i));
                if (moments != null) {
                    members.adamW().restore(i, moments);
                }
            }
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
