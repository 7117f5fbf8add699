package dev.mtl.torch.trust;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.error.TorchException;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Tensors of a shape that are not always what one expects of that shape. */
final class Defects {
    /** One of so many tensors has a defect. */
    private static final int DEFECTS = 6;

    private final SplittableRandom random;
    private final TensorScope owner;

    Defects(SplittableRandom random, TensorScope owner) {
        this.random = random;
        this.owner = owner;
    }

    Tensor floats(long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return changed(Tensors.of(values, shape));
    }

    /** The tensor, or one with a defect. */
    Tensor changed(Tensor tensor) {
        if (random.nextInt(DEFECTS) != 0) {
            return tensor;
        }
        try {
            return withDefect(tensor, tensor.shape());
        } catch (TorchException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return tensor;
        }
    }

    private Tensor withDefect(Tensor tensor, long[] shape) {
        int last = shape.length - 1;
        return switch (random.nextInt(14)) {
            case 0 -> tensor.to(DType.values()[random.nextInt(DType.values().length)]);
            case 1 -> tensor.transpose(0, -1).contiguous().transpose(0, -1);
            case 2 -> tensor.slice(0, 0, 1).expand(shape);
            case 3 -> tensor.sum().expand(shape);
            case 4 -> tensor.slice(-1, 0, shape[last] - 1);
            case 5 -> Tensors.cat(java.util.List.of(tensor, tensor), last);
            case 6 ->
                    Tensors.cat(java.util.List.of(tensor, tensor), last)
                            .slice(last, 1, shape[last] + 1);
            case 7 -> tensor.unsqueeze(0);
            case 8 -> tensor.select(0, 0);
            case 9 -> tensor.slice(0, 0, 0);
            case 10 -> Autograd.requireGrad(tensor, true);
            case 11 -> tensor.mul(random.nextBoolean() ? Double.NaN : Double.POSITIVE_INFINITY);
            case 12 -> {
                tensor.close();
                yield tensor;
            }
            default -> owner.take(tensor);
        };
    }
}
