package dev.mtl.train.run;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.config.training.TrainingConfig;
import dev.mtl.train.optim.LayerwiseRates;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.optim.ParameterGroup;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.policy.IneffectiveSettings;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.progress.TrainingPlan.Data;
import dev.mtl.train.progress.TrainingPlan.Group;
import dev.mtl.train.progress.TrainingPlan.Unfreezing;
import dev.mtl.train.sampling.TrainingSet;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Makes the {@link TrainingPlan} of a trainer that is ready. */
final class TrainingPlans {
    private TrainingPlans() {}

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
                            dataset.size(),
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
                IneffectiveSettings.notes(config, model, freezing, steps, perEpoch));
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
