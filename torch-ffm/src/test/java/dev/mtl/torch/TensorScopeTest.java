package dev.mtl.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;

@ExtendWith(LeavesNoTensorBehind.class)
class TensorScopeTest {

    @Test
    void freesWhatItOwnsWhenItCloses() {
        Tensor kept;
        try (var scope = TensorScope.open()) {
            kept = Tensors.scalar(1).add(2).mul(3);
            assertThat(scope.size()).isPositive();
            assertThat(kept.item()).isEqualTo(9);
        }
        assertThat(kept.isClosed()).isTrue();
        assertThatThrownBy(kept::shape)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void movesATensorOutToTheEnclosingScope() {
        try (var _ = TensorScope.open()) {
            Tensor result;
            try (var inner = TensorScope.open()) {
                result = inner.moveOut(Tensors.scalar(2).mul(4));
            }
            assertThat(result.item()).isEqualTo(8);
        }
    }

    @Test
    void cannotMoveOutOfTheOutermostScope() {
        try (var scope = TensorScope.open()) {
            var tensor = Tensors.scalar(1);
            assertThatThrownBy(() -> scope.moveOut(tensor))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no enclosing scope");
        }
    }

    @Test
    void aTensorNeedsAnOpenScope() {
        assertThatThrownBy(() -> Tensors.scalar(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no TensorScope is open");
    }

    @Test
    void anOuterScopeCannotCloseBeforeAnInnerOne() {
        var outer = TensorScope.open();
        var inner = TensorScope.open();
        assertThatThrownBy(outer::close).isInstanceOf(IllegalStateException.class);
        inner.close();
        outer.close();
        outer.close();
    }

    @Test
    void closingATensorEarlyFreesItOnce() {
        try (var scope = TensorScope.open()) {
            var tensors = new ArrayList<Tensor>();
            for (int i = 0; i < 10; i++) {
                tensors.add(Tensors.scalar(i));
            }
            tensors.get(3).close();
            tensors.get(3).close();
            tensors.get(9).close();
            assertThat(scope.size()).isEqualTo(8);
            assertThat(tensors.get(8).item()).isEqualTo(8);
        }
    }

    @Test
    void aTensorOfAnotherThreadIsRejected() {
        try (var _ = TensorScope.open()) {
            var mine = Tensors.scalar(1);
            assertThatThrownBy(() -> elsewhere(() -> mine.mul(mine)))
                    .hasCauseInstanceOf(WrongThreadException.class)
                    .hasMessageContaining("belongs to");
            assertThatThrownBy(() -> elsewhere(mine::close))
                    .hasCauseInstanceOf(WrongThreadException.class);
            assertThat(mine.item()).isEqualTo(1);
        }
    }

    private static void elsewhere(Runnable work) {
        try (var executor = Executors.newSingleThreadExecutor()) {
            CompletableFuture.runAsync(
                            () -> {
                                try (var _ = TensorScope.open()) {
                                    work.run();
                                }
                            },
                            executor)
                    .join();
        }
    }

    @Test
    void aSharedScopesTensorsAreReadByManyThreadsWhileOneIsFreed() {
        var shared = TensorScope.shared();
        var tensors = new ArrayList<Tensor>();
        try (var _ = TensorScope.open()) {
            for (int i = 0; i < 200; i++) {
                tensors.add(shared.take(Tensors.full(DType.FLOAT32, Device.CPU, i, 1000)));
            }
        }
        try (var executor = Executors.newFixedThreadPool(4)) {
            var readers = new ArrayList<CompletableFuture<Void>>();
            for (int t = 0; t < 3; t++) {
                readers.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    for (var tensor : tensors) {
                                        try (var _ = TensorScope.open()) {
                                            tensor.mul(2).sum().item();
                                        } catch (IllegalStateException e) {
                                            assertThat(e).hasMessageContaining("closed");
                                        }
                                    }
                                },
                                executor));
            }
            readers.add(
                    CompletableFuture.runAsync(
                            () -> tensors.reversed().forEach(Tensor::close), executor));
            readers.forEach(CompletableFuture::join);
        }
        shared.close();
    }

    @Test
    void twoThreadsThatCloseTheSameSharedTensorFreeItOnce() throws Exception {
        try (var shared = TensorScope.shared();
                var one = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 20_000; round++) {
                Tensor tensor;
                Tensor bystander;
                try (var _ = TensorScope.open()) {
                    tensor = shared.take(Tensors.scalar(1));
                    bystander = shared.take(Tensors.scalar(2));
                }
                var other = one.submit(tensor::close);
                tensor.close();
                other.get();
                assertThat(bystander.isClosed()).isFalse();
                assertThat(shared.size()).as("round %d", round).isEqualTo(1);
                bystander.close();
                assertThat(shared.size()).as("round %d", round).isZero();
            }
        }
    }

    @Test
    void aScopeThatClosesWhileAnotherThreadMovesTensorsIntoItFreesThemAll() throws Exception {
        try (var one = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 2_000; round++) {
                var shared = TensorScope.shared();
                var closed = one.submit(shared::close);
                try (var _ = TensorScope.open()) {
                    for (int i = 0; i < 5; i++) {
                        shared.take(Tensors.scalar(i));
                    }
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("scope is closed");
                }
                closed.get();
                assertThat(shared.size()).isZero();
            }
        }
    }

    @Test
    void virtualThreadsCannotOpenScopes() {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThatThrownBy(() -> CompletableFuture.runAsync(TensorScope::open, executor).join())
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("platform thread");
        }
    }

    @Test
    void gradModeGoesBackToWhatItWas() {
        assertThat(Autograd.isRecording()).isTrue();
        try (var _ = Autograd.noGrad()) {
            try (var _ = Autograd.noGrad()) {
                assertThat(Autograd.isRecording()).isFalse();
            }
            assertThat(Autograd.isRecording()).isFalse();
        }
        assertThat(Autograd.isRecording()).isTrue();
    }
}
