package dev.mtl.train.run;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.TrainingConfig;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.optim.ParameterGroup;
import dev.mtl.train.optim.Schedule;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.IneffectiveSettings;
import dev.mtl.train.sampling.TrainingSet;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What a training run will do, for {@code --plan}.
 *
 * @param steps optimizer steps in all
 * @param stepsPerEpoch of these in an epoch
 * @param polynomialPower of {@link Schedule#POLYNOMIAL}
 * @param warmupSteps over which the learning rates rise
 * @param groups the parameter groups, in the order of the network
 * @param unfreezing the layers that join during training; empty unless freezing is gradual
 * @param data the data sets, and how often an epoch sees them
 * @param notes settings that take effect after the last step
 */
public record TrainingPlan(
        int steps,
        int stepsPerEpoch,
        Schedule schedule,
        double polynomialPower,
        int warmupSteps,
        List<Group> groups,
        List<Unfreezing> unfreezing,
        List<Data> data,
        List<String> notes) {
    /**
     * Parameters that share a learning rate and a weight decay.
     *
     * @param name of the part of the network; with {@code , not decayed} if weight decay applies to
     *     another group of the same part only
     * @param layers the encoder layers that they belong to, from 1
     * @param learningRate at the peak of the schedule
     * @param trainableFrom the first step, from 1, that they train in; null if they never do
     * @param parameters how many numbers they have
     */
    public record Group(
            String name,
            List<Integer> layers,
            double learningRate,
            double weightDecay,
            @Nullable Integer trainableFrom,
            long parameters) {}

    /**
     * A layer that joins during training.
     *
     * @param step the first that it trains in, from 1
     * @param epoch the epochs that have been seen by then, with fractions
     * @param layer from 1
     * @param embeddings whether the embeddings join with it
     */
    public record Unfreezing(int step, double epoch, int layer, boolean embeddings) {}

    /**
     * A data set with its tasks.
     *
     * @param examples how many it has
     * @param passesPerEpoch how many times each example is seen in an epoch, expected or exact
     */
    public record Data(String source, List<String> tasks, int examples, double passesPerEpoch) {}

    static TrainingPlan of(
            MultiTaskModel model,
            TrainingConfig config,
            TrainingSet training,
            Optimizer optimizer,
            Freezing freezing,
            int steps) {
        int perEpoch = training.sampler().stepsPerEpoch();
        var groups = new ArrayList<Group>();
        optimizer
                .groups()
                .forEach(
                        (group, names) -> {
                            var first = names.getFirst();
                            int layer =
                                    first.startsWith("heads.") ? 0 : LayerwiseRates.layerOf(first);
                            groups.add(
                                    new Group(
                                            name(group, optimizer.groups().keySet()),
                                            layer == 0 ? List.of() : List.of(layer),
                                            group.learningRate(),
                                            group.weightDecay(),
                                            trainableFrom(first, freezing, steps),
                                            names.stream()
                                                    .mapToLong(
                                                            name ->
                                                                    model.parameters()
                                                                            .get(name)
                                                                            .numel())
                                                    .sum()));
                        });
        var unfreezing = new ArrayList<Unfreezing>();
        for (var stage : freezing.stages().subList(1, freezing.stages().size())) {
            if (stage.fromStep() < steps) {
                unfreezing.add(
                        new Unfreezing(
                                stage.fromStep() + 1,
                                (double) stage.fromStep() / perEpoch,
                                stage.frozen().layers() + 1,
                                !stage.frozen().embeddings()));
            }
        }
        var data = new ArrayList<Data>();
        for (int i = 0; i < training.datasets().size(); i++) {
            var dataset = training.datasets().get(i);
            data.add(
                    new Data(
                            dataset.source(),
                            dataset.tasks(),
                            dataset.examples().size(),
                            training.sampler().passesPerEpoch(i)));
        }
        return new TrainingPlan(
                steps,
                perEpoch,
                config.schedule(),
                config.polynomialPower(),
                config.warmupSteps(steps),
                groups,
                unfreezing,
                data,
                IneffectiveSettings.notes(config, freezing, steps));
    }

    private static String name(ParameterGroup group, Collection<ParameterGroup> all) {
        boolean shared = all.stream().filter(g -> g.name().equals(group.name())).count() > 1;
        return shared && group.weightDecay() == 0 ? group.name() + ", not decayed" : group.name();
    }

    private static @Nullable Integer trainableFrom(String parameter, Freezing freezing, int steps) {
        for (var stage : freezing.stages()) {
            if (stage.fromStep() < steps && stage.trains(parameter)) {
                return stage.fromStep() + 1;
            }
        }
        return null;
    }
}
