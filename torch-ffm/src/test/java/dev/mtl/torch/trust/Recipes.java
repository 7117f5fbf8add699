package dev.mtl.torch.trust;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Losses.Reduction;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.kernels.Epilogue;
import dev.mtl.torch.kernels.FusedAttention.Blocks;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;
import dev.mtl.torch.kernels.MkldnnWeight;
import dev.mtl.torch.optim.AdamW;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Calls whose arguments must fit each other, which random ones hardly do: arguments that fit, of
 * which {@link Defects} may change some a little.
 */
final class Recipes {
    private final Map<String, Supplier<Call>> recipes = new HashMap<>();
    private final SplittableRandom random;
    private final TensorScope owner;
    private final Defects tensors;

    /** A receiver, null for static methods, and arguments. */
    record Call(@Nullable Object receiver, @Nullable Object... arguments) {}

    /**
     * For an episode.
     *
     * @param owner takes what layers and optimizers own
     */
    Recipes(SplittableRandom random, TensorScope owner) {
        this.random = random;
        this.owner = owner;
        tensors = new Defects(random, owner);
        operators();
        losses();
        kernels();
        training();
    }

    /** A call of a method; null if it has no recipe. */
    @Nullable Call of(String method) {
        var recipe = recipes.get(method);
        return recipe == null ? null : recipe.get();
    }

    private long size() {
        return random.nextLong(1, 6);
    }

    private Tensor floats(long... shape) {
        return tensors.floats(shape);
    }

    /** Integers from 0 up to a bound, one in eight times beyond it. */
    private Tensor integers(long bound, long... shape) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        long most = random.nextInt(8) == 0 ? 3 * bound : bound;
        return tensors.changed(
                Tensors.of(random.longs(count, -most / (2 * bound), most).toArray(), shape));
    }

    private Tensor booleans(long... shape) {
        return tensors.changed(integers(2, shape).to(DType.BOOL));
    }

    private <T> @Nullable T orNull(T value) {
        return random.nextInt(3) == 0 ? null : value;
    }

    private void operators() {
        recipes.put(
                "NnOps.linear",
                () -> {
                    long in = size();
                    long out = size();
                    return new Call(
                            floats(size(), size(), in), floats(out, in), orNull(floats(out)));
                });
        recipes.put(
                "NnOps.embedding",
                () -> {
                    long rows = size();
                    return new Call(floats(rows, size()), integers(rows, size(), size()));
                });
        recipes.put(
                "NnOps.layerNorm",
                () -> {
                    long width = size();
                    return new Call(
                            floats(size(), width),
                            orNull(floats(width)),
                            orNull(floats(width)),
                            1e-5);
                });
        recipes.put(
                "NnOps.scaledDotProductAttention",
                () -> {
                    long[] shape = {size(), size(), size(), size()};
                    return new Call(
                            floats(shape),
                            floats(shape),
                            floats(shape),
                            orNull(floats(shape[0], 1, 1, shape[2])));
                });
        recipes.put(
                "ArithmeticOps.bmm",
                () -> {
                    long batch = size();
                    long inner = size();
                    return new Call(floats(batch, size(), inner), floats(batch, inner, size()));
                });
        recipes.put(
                "ArithmeticOps.matmul",
                () -> {
                    long inner = size();
                    return new Call(
                            floats(size(), 1, size(), inner), floats(size(), inner, size()));
                });
        recipes.put(
                "ViewOps.indexSelect",
                () -> {
                    long rows = size();
                    return new Call(floats(rows, size()), 0, integers(rows, size()));
                });
        recipes.put(
                "ConversionOps.indexCopy",
                () -> {
                    long rows = size();
                    long columns = size();
                    return new Call(
                            floats(rows, columns), 0, integers(rows, rows), floats(rows, columns));
                });
        recipes.put(
                "ViewOps.gather",
                () -> {
                    long columns = size();
                    long rows = size();
                    return new Call(floats(rows, columns), 1, integers(columns, rows, size()));
                });
        recipes.put(
                "ComparisonOps.where",
                () -> {
                    long[] shape = {size(), size()};
                    return new Call(booleans(shape), floats(shape), floats(1, shape[1]));
                });
        recipes.put("Autograd.backward", this::backward);
    }

    private Call backward() {
        var leaf = Autograd.requireGrad(Tensors.full(DType.FLOAT32, Device.CPU, 2, size()), true);
        return new Call(null, leaf.mul(floats(1)).sum(), List.of(leaf), random.nextBoolean());
    }

    private void losses() {
        recipes.put(
                "Losses.crossEntropy",
                () -> {
                    long classes = size();
                    long rows = size();
                    return new Call(
                            floats(rows, classes),
                            integers(classes, rows),
                            orNull(floats(classes)),
                            reduction(),
                            0.1);
                });
        recipes.put(
                "Losses.binaryCrossEntropyWithLogits",
                () -> {
                    long[] shape = {size(), size()};
                    return new Call(floats(shape), floats(shape), reduction());
                });
    }

    private Reduction reduction() {
        return Reduction.values()[random.nextInt(3)];
    }

    private Epilogue epilogue() {
        return Epilogue.values()[random.nextInt(Epilogue.values().length)];
    }

    private void kernels() {
        recipes.put(
                "FusedAttention.applyToBlocks",
                () -> {
                    int heads = random.nextInt(1, 4);
                    int count = random.nextInt(1, 4);
                    var blocks = new Blocks(count, size(), 0, size(), random.nextInt(3), size());
                    long rows = (count - 1) * blocks.stride() + blocks.firstKey() + 8;
                    return new Call(
                            null,
                            floats(rows, 3L * heads * size()),
                            heads,
                            blocks,
                            orNull(floats(1, 1, blocks.queries(), blocks.keys())));
                });
        recipes.put(
                "FusedAttention.apply",
                () -> {
                    int sequences = random.nextInt(1, 4);
                    int heads = random.nextInt(1, 4);
                    long length = size();
                    return new Call(
                            null,
                            floats(sequences * length, 3L * heads * size()),
                            sequences,
                            heads,
                            orNull(floats(sequences, 1, 1, length)));
                });
        recipes.put(
                "InPlaceLayerNorm.apply",
                () -> {
                    long width = size();
                    return new Call(
                            null,
                            floats(random.nextLong(1, 30), width),
                            floats(width),
                            floats(width),
                            1e-5);
                });
        recipes.put(
                "InPlaceRmsNorm.apply",
                () -> {
                    long width = size();
                    return new Call(
                            null, floats(random.nextLong(1, 30), width), floats(width), 1e-5);
                });
        recipes.put(
                "MkldnnLinear.infer",
                () -> {
                    long in = size();
                    long out = size();
                    return new Call(
                            null, floats(size(), in), weight(out, in), floats(out), epilogue());
                });
        recipes.put(
                "MkldnnLinear.inferAndAdd",
                () -> {
                    long in = size();
                    long out = size();
                    long rows = size();
                    return new Call(
                            null,
                            floats(rows, in),
                            weight(out, in),
                            floats(out),
                            floats(rows, out));
                });
        recipes.put(
                "MkldnnLinear.forward",
                () -> {
                    long in = size();
                    long out = size();
                    return new Call(
                            null,
                            MkldnnLinear.toMkldnn(floats(size(), size(), in)),
                            floats(out, in),
                            floats(out));
                });
        recipes.put(
                "Int8Linear.infer",
                () -> {
                    long in = size();
                    long out = size();
                    return new Call(
                            Int8Linear.quantize(floats(out, in), owner),
                            floats(size(), in),
                            floats(out),
                            epilogue());
                });
        recipes.put(
                "Int8Linear.inferPerRowAndAdd",
                () -> {
                    long in = size();
                    long out = size();
                    long rows = size();
                    return new Call(
                            Int8Linear.quantize(floats(out, in), owner),
                            floats(rows, in),
                            floats(out),
                            floats(rows, out));
                });
    }

    private MkldnnWeight weight(long out, long in) {
        return random.nextBoolean()
                ? MkldnnWeight.plain(floats(out, in))
                : MkldnnWeight.pack(floats(out, in), owner);
    }

    private void training() {
        recipes.put(
                "AdamW.step",
                () -> {
                    long[] one = {size(), size()};
                    long[] other = {size()};
                    return new Call(
                            adamW(List.of(floats(one), floats(other))),
                            Arrays.asList(orNull(floats(one)), floats(other)),
                            0.1);
                });
        recipes.put(
                "AdamW.restore",
                () -> {
                    long[] shape = {size(), size()};
                    return new Call(
                            adamW(List.of(floats(shape))),
                            0,
                            new AdamW.Moments(floats(shape), floats(shape), floats()));
                });
        recipes.put(
                "Gradients.addInPlace",
                () -> {
                    long[] shape = {size(), size()};
                    return new Call(
                            null,
                            List.of(floats(shape), floats(3)),
                            List.of(floats(shape), floats(3)),
                            0.5);
                });
    }

    private AdamW adamW(List<Tensor> parameters) {
        return new AdamW(parameters, owner, new AdamW.Settings(0.9, 0.999, 1e-8, 0.01));
    }
}
