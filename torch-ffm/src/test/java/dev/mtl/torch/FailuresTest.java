package dev.mtl.torch;

import static dev.mtl.torch.Dispatcher.DISPATCHER;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.torch.dispatch.Operator;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.error.TorchMemoryException;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.util.Arrays;
import java.util.List;

/**
 * What goes wrong becomes an exception that says what was called with what, and leaves nothing
 * behind.
 */
@ExtendWith(LeavesNoTensorBehind.class)
class FailuresTest {
    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void namesTheOperatorEveryArgumentAndLibTorchsReason() {
        var input = Tensors.zeros(DType.FLOAT32, Device.CPU, 2, 3);
        var weight = Tensors.zeros(DType.FLOAT32, Device.CPU, 4, 5);
        assertThatThrownBy(() -> input.linear(weight, null))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining("aten::linear(")
                .hasMessageContaining("input: float32[2, 3] cpu")
                .hasMessageContaining("weight: float32[4, 5] cpu")
                .hasMessageContaining("bias: none")
                .hasMessageContaining("mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)")
                .hasMessageNotContaining("frame #")
                .hasMessageNotContaining("Exception raised from");
    }

    @Test
    void additionNamesItsArgumentsAndLibTorchsReason() {
        var a = Tensors.zeros(DType.FLOAT32, Device.CPU, 2);
        var b = Tensors.zeros(DType.FLOAT32, Device.CPU, 3);
        assertThatThrownBy(() -> a.add(b))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining(
                        "aten::add.Tensor(self: float32[2] cpu, other: float32[3] cpu)")
                .hasMessageContaining("must match the size");
    }

    @Test
    void namesAWrongDtype() {
        var table = Tensors.zeros(DType.FLOAT32, Device.CPU, 4, 2);
        var indices = Tensors.zeros(DType.FLOAT32, Device.CPU, 3);
        assertThatThrownBy(() -> table.embedding(indices))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining("indices: float32[3] cpu")
                .hasMessageContaining("Expected");
        assertThatThrownBy(table::toLongs)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reading INT64 from float32[4, 2] cpu");
    }

    @Test
    void rejectsAnIndexOutsideOfAnEmbeddingTable() {
        var table = Tensors.zeros(DType.FLOAT32, Device.CPU, 4, 2);
        var indices = Tensors.of(new long[] {0, 7}, 2);
        assertThatThrownBy(() -> table.embedding(indices))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining("aten::embedding(");
    }

    @Test
    @SuppressWarnings("NullAway") // a caller without null checks
    void aNullArgumentIsCaughtInJava() {
        var tensor = Tensors.scalar(1);
        assertThatThrownBy(() -> tensor.mul((Tensor) null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("aten::mul.Tensor")
                .hasMessageContaining("'other' must not be null");
        assertThatThrownBy(() -> tensor.add((Tensor) null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensors.cat(Arrays.asList(tensor, null), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedArgumentIsCaughtInJavaAndNothingLeaks() {
        var open = Tensors.scalar(1);
        var closed = Tensors.scalar(2);
        closed.close();
        assertThatThrownBy(() -> open.mul(closed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> open.add(closed)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensors.stack(List.of(open, closed), 0))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tooManyTooFewAndWrongArgumentsAreCaughtInJava() {
        var operator =
                Operator.of(
                        "aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) ->"
                                + " Tensor");
        var tensor = Tensors.zeros(DType.FLOAT32, Device.CPU, 2);
        assertThatThrownBy(() -> DISPATCHER.call(operator, tensor))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs an argument for 'dim'");
        assertThatThrownBy(() -> DISPATCHER.call(operator, tensor, 0, null, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes 3 arguments, not 4");
        assertThatThrownBy(() -> DISPATCHER.call(operator, tensor, 0.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'dim' takes int, not Double");
    }

    @Test
    void namesAnOperatorThatLibTorchDoesNotHave() {
        var operator = Operator.of("aten::no_such_operator(Tensor self) -> Tensor");
        var tensor = Tensors.scalar(1);
        assertThatThrownBy(() -> DISPATCHER.call(operator, tensor))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining("aten::no_such_operator");
    }

    @Test
    void runningOutOfMemoryThrowsATorchMemoryException() {
        assertThatThrownBy(() -> Tensors.empty(DType.FLOAT32, Device.CPU, 1L << 45))
                .isInstanceOf(TorchMemoryException.class)
                .hasMessageContaining("[35184372088832] cpu");
    }

    @Test
    void valuesThatDoNotFillAShapeAreRejected() {
        assertThatThrownBy(() -> Tensors.of(new float[] {1, 2, 3}, 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 values of FLOAT32 do not fill the shape [2, 2]");
    }

    @Test
    void rejectsTheBackwardPassOfAVector() {
        var leaf = Autograd.requireGrad(Tensors.zeros(DType.FLOAT32, Device.CPU, 3), true);
        assertThatThrownBy(() -> Autograd.backward(leaf.mul(2)))
                .isInstanceOf(TorchException.class)
                .hasMessageContaining("scalar outputs");
    }

    @Test
    void aThousandFailuresLeakNoTensor() {
        var input = Tensors.zeros(DType.FLOAT32, Device.CPU, 2, 3);
        int owned = scope.size();
        for (int i = 0; i < 1000; i++) {
            assertThatThrownBy(() -> input.view(7)).isInstanceOf(TorchException.class);
        }
        assertThat(scope.size()).isEqualTo(owned);
    }

    @Test
    void rejectsSchemasWithAScalar() {
        assertThatThrownBy(
                        () ->
                                Operator.of(
                                        "aten::add.Tensor(Tensor self, Tensor other, *, Scalar"
                                                + " alpha=1) -> Tensor"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Scalar alpha");
    }

    @Test
    void parsesDeviceNames() {
        assertThat(Device.parse("cpu")).isEqualTo(Device.CPU);
        assertThat(Device.parse("cuda:1")).isEqualTo(Device.cuda(1)).hasToString("cuda:1");
        assertThatThrownBy(() -> Device.parse("gpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no device 'gpu'; known: cpu, cuda, cuda:N");
    }
}
