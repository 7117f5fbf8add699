package dev.mtl.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.testing.LeavesNoTensorBehind;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.Collective.Addends;
import dev.mtl.train.collective.CollectiveException;
import dev.mtl.train.config.TestConfigs;
import dev.mtl.train.sampling.TrainingSet;
import dev.mtl.train.step.several.SeveralProcesses;
import dev.mtl.train.step.several.SeveralProcesses.Summation;
import dev.mtl.train.testing.ThreadProcesses;
import dev.mtl.train.testing.TinyTraining;
import dev.mtl.train.workers.Workers;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Gradients of upper layers that travel before those of the lower ones are there. */
@Timeout(60)
@ExtendWith(LeavesNoTensorBehind.class)
class EarlyLayersTest {
    private static final int MICRO_BATCHES = 4;

    @TempDir private Path folder;

    /** What a process does with a micro-batch. */
    private interface Work {
        void run(Replica replica, GradientSum sum) throws InterruptedException;
    }

    /** One step of a process; the first elements of the gradients, by parameter. */
    private Map<String, Float> step(Collective processes, Summation summation, Work work) {
        var backbone = TinyModel.write(folder.resolve("model" + processes.rank()), 1, 0);
        var config = TestConfigs.training("{batch_size: 2, gradient_accumulation_steps: 4}");
        try (var model = TinyTraining.model(backbone, 0);
                var workers = new Workers("test", 1);
                var several = new SeveralProcesses(processes, model, workers, summation);
                var sum = several.newSum()) {
            var data = TinyTraining.encode(model, TinyTraining.data(2 * MICRO_BATCHES, 3));
            try (var training = new TrainingSet(model, config, List.of(data))) {
                var step = training.microBatches(0, training.step(0));
                assertThat(step).hasSize(MICRO_BATCHES);
                several.forEach(
                        step,
                        7,
                        backward(sum),
                        (replica, _) -> {
                            try {
                                work.run(replica, sum);
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            return new LinkedHashMap<>();
                        });
            }
            return firstElements(model, sum);
        }
    }

    private static BackwardStrategy.Backward backward(GradientSum sum) {
        return new BackwardStrategy.Backward() {
            @Override
            public void accumulate(MicroBatchLoss loss) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void abandon(int microBatch) {
                sum.abandon(microBatch);
            }

            @Override
            public List<@Nullable Tensor> gradients(Map<String, Double> losses) {
                return sum.gradients();
            }

            @Override
            public void close() {}
        };
    }

    private static Map<String, Float> firstElements(MultiTaskModel model, GradientSum sum) {
        var first = new LinkedHashMap<String, Float>();
        var gradients = sum.gradients().iterator();
        for (var name : model.parameters().names()) {
            first.put(name, Objects.requireNonNull(gradients.next()).toFloats()[0]);
        }
        return first;
    }

    /** Gives each element of each weight of micro-batch {@code i} the gradient {@code i + 1}. */
    private static void goBackward(Replica replica) {
        replica.weights().tensors().stream()
                .map(weight -> weight.mul(replica.microBatch() + 1.0).sum())
                .reduce(Tensor::add)
                .ifPresent(Autograd::backward);
    }

    /** The same processes; {@code added} is told once the first bucket has the process's values. */
    private static Collective watched(Collective processes, CountDownLatch added) {
        return (Collective)
                Proxy.newProxyInstance(
                        Collective.class.getClassLoader(),
                        new Class<?>[] {Collective.class},
                        (_, method, arguments) -> {
                            if (method.getName().startsWith("sum")) {
                                arguments[1] = watched((Addends) arguments[1], added);
                            }
                            return method.invoke(processes, arguments);
                        });
    }

    private static Addends watched(Addends own, CountDownLatch added) {
        return new Addends() {
            @Override
            public boolean isReady(int i) {
                return own.isReady(i);
            }

            @Override
            public void addTo(int i) {
                own.addTo(i);
                added.countDown();
            }
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Summation.class,
            names = {"IN_ORDER", "IN_ANY_ORDER"})
    void upperLayersAreAddedWhileAProcessComputesTheLowerOnes(Summation summation) {
        var sums =
                ThreadProcesses.run(
                        2,
                        group -> {
                            var added = new CountDownLatch(1);
                            return step(
                                    watched(group, added),
                                    summation,
                                    (replica, sum) -> {
                                        goBackward(replica);
                                        sum.addFrom(1, replica);
                                        if (replica.awaited()) {
                                            assertThat(added.await(20, TimeUnit.SECONDS)).isTrue();
                                        }
                                        sum.add(replica.microBatch(), replica.takeGradients());
                                    });
                        });

        for (var sum : sums) {
            assertThat(sum).containsKeys("heads.side.weight", "encoder.layer.1.output.dense.bias");
            assertThat(sum.values()).containsOnly(1f + 2 + 3 + 4);
        }
    }

    @Test
    void aMicroBatchThatFailsEndsAllWithItsReason() {
        var heard = new ArrayList<String>();
        assertThatThrownBy(
                        () ->
                                ThreadProcesses.run(
                                        2,
                                        group -> {
                                            try {
                                                return step(
                                                        group,
                                                        Summation.IN_ORDER,
                                                        (replica, sum) -> fail(replica, sum));
                                            } catch (CollectiveException e) {
                                                heard.add(group.name(group.rank()));
                                                heard.add(String.valueOf(e.getMessage()));
                                                throw e;
                                            }
                                        }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a bad row");
        assertThat(heard)
                .containsExactly(
                        "process 0",
                        "process 1 failed: java.lang.IllegalStateException: a bad row");
    }

    private static void fail(Replica replica, GradientSum sum) {
        goBackward(replica);
        sum.addFrom(1, replica);
        if (replica.microBatch() == MICRO_BATCHES - 1) {
            throw new IllegalStateException("a bad row");
        }
        sum.add(replica.microBatch(), replica.takeGradients());
    }
}
