package dev.mtl.train.optim;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
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
    private final @Nullable Shards shards;

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
        this(parameters, groupOf, beta1, beta2, eps, null);
    }

    /**
     * Makes the groups of a process that updates a part of the elements.
     *
     * @param shards the parts; null to update all
     */
    public Optimizer(
            Parameters parameters,
            Function<String, ParameterGroup> groupOf,
            double beta1,
            double beta2,
            double eps,
            @Nullable Shards shards) {
        this.shards = shards;
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
                                                members.stream()
                                                        .map(i -> updated(i, tensors.get(i)))
                                                        .toList(),
                                                owner,
                                                new AdamW.Settings(
                                                        beta1, beta2, eps, group.weightDecay())))));
    }

    /** The elements of a parameter that are updated, if there are any. */
    private Tensor updated(int position, Tensor parameter) {
        if (shards == null || shards.own(position) == null) {
            return parameter;
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            return owner.take(piece(position, parameter));
        }
    }

    private Tensor piece(int position, Tensor whole) {
        var piece = Objects.requireNonNull(Objects.requireNonNull(shards).own(position));
        return whole.view(-1).slice(0, piece.from(), piece.to());
    }

    private boolean isUpdated(int position) {
        return shards == null || shards.own(position) != null;
    }

    /** The same elements of what has the shape of a parameter, in the innermost scope. */
    private @Nullable Tensor ofUpdated(int position, @Nullable Tensor whole) {
        if (shards == null || whole == null) {
            return whole;
        }
        return isUpdated(position) ? piece(position, whole) : null;
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
                    try (var _ = TensorScope.open();
                            var _ = Autograd.noGrad()) {
                        for (int position : members.positions()) {
                            ofGroup.add(ofUpdated(position, gradients.get(position)));
                        }
                        members.adamW().step(ofGroup, group.learningRate() * scheduleFactor);
                    }
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

    /**
     * AdamW's moments by parameter; without parameters that have not been updated. Where this
     * process updates a part of a parameter, they are those of the part, in one dimension.
     */
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

    /** Continues from the moments of whole parameters, of which it copies what it updates. */
    public void restore(Map<String, AdamW.Moments> state) {
        for (var members : groups.values()) {
            for (int i = 0; i < members.names().size(); i++) {
                int position = members.positions().get(i);
                var moments = state.get(members.names().get(i));
                if (moments == null || !isUpdated(position)) {
                    continue;
                }
                try (var _ = TensorScope.open();
                        var _ = Autograd.noGrad()) {
                    members.adamW()
                            .restore(
                                    i,
                                    shards == null
                                            ? moments
                                            : new AdamW.Moments(
                                                    piece(position, moments.first()),
                                                    piece(position, moments.second()),
                                                    moments.step()));
                }
            }
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
