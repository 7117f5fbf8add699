package dev.mtl.torch.trust;

import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.kernels.FusedAttention.Blocks;
import dev.mtl.torch.kernels.InPlaceRotation.Angles;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Executable;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Arguments for a method: most are valid or nearly so, some absurd. Sizes are either small or more
 * than any machine has: what lies between would only cost time and memory.
 */
final class Arguments {
    /** One of so many arguments of a reference type is null. */
    private static final int NULLS = 25;

    /** One of so many arguments is absurd. */
    private static final int ABSURD = 12;

    private static final long[] ABSURD_LONGS = {
        -1, -2, 100, 1L << 46, 1L << 50, 1L << 62, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final int[] ABSURD_INTS = {
        -1, -5, 64, 1000, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE
    };
    private static final double[] DOUBLES = {
        0,
        1,
        -1,
        0.5,
        0.1,
        1e-5,
        0.999,
        2,
        -0.0,
        1e300,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY
    };
    private static final String[] STRINGS = {
        "cpu", "cuda", "cuda:0", "cuda:300", "", "x", "\0", "CPU", "FLOAT32", "MEAN", "RELU"
    };

    private final SplittableRandom random;
    private final Values values;

    /**
     * A source of arguments.
     *
     * @param values what earlier calls have returned
     */
    Arguments(SplittableRandom random, Values values) {
        this.random = random;
        this.values = values;
    }

    /** For all parameters of a method. */
    @Nullable Object[] of(Executable call) {
        var types = call.getParameterTypes();
        var arguments = new @Nullable Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = of(types[i]);
        }
        if (types.length > 1 && types[types.length - 1] == long[].class && !isRare(4)) {
            fit(arguments, types);
        }
        return arguments;
    }

    /** Gives values and shape the same number of elements. */
    private void fit(@Nullable Object[] arguments, Class<?>[] types) {
        var shape = smallShape();
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        arguments[arguments.length - 1] = shape;
        if (types[0] == float[].class) {
            var floats = new float[count];
            for (int i = 0; i < count; i++) {
                floats[i] = (float) random.nextDouble(-2, 2);
            }
            arguments[0] = floats;
        } else if (types[0] == double[].class) {
            arguments[0] = random.doubles(count, -2, 2).toArray();
        } else if (types[0] == long[].class) {
            arguments[0] = random.longs(count, 0, isRare(4) ? 1000 : 4).toArray();
        } else if (types[0] == boolean[].class) {
            arguments[0] = new boolean[count];
        } else if (types[0] == ByteBuffer.class && arguments[1] instanceof DType dtype) {
            arguments[0] = buffer(count * dtype.bytes());
        }
    }

    private @Nullable Object of(Class<?> type) {
        if (type == int.class) {
            return isRare(ABSURD) ? ABSURD_INTS[random.nextInt(ABSURD_INTS.length)] : index();
        } else if (type == long.class) {
            return whole();
        } else if (type == double.class) {
            return DOUBLES[random.nextInt(DOUBLES.length)];
        } else if (type == float.class) {
            return (float) DOUBLES[random.nextInt(DOUBLES.length)];
        } else if (type == boolean.class) {
            return random.nextBoolean();
        } else if (isRare(NULLS)) {
            return null;
        } else if (type == long[].class) {
            return shape();
        } else if (type == int[].class) {
            return random.ints(random.nextInt(4), -3, 4).toArray();
        } else if (type == float[].class) {
            return new float[random.nextInt(10)];
        } else if (type == double[].class) {
            return new double[random.nextInt(10)];
        } else if (type == boolean[].class) {
            return new boolean[random.nextInt(10)];
        } else if (type == String.class) {
            return STRINGS[random.nextInt(STRINGS.length)];
        } else if (type == ByteBuffer.class) {
            return buffer(random.nextInt(64));
        } else if (type == List.class) {
            return list();
        } else if (type == Consumer.class) {
            return writer();
        } else if (type == Function.class) {
            return reader();
        } else if (type == Threads.Work.class) {
            return (Threads.Work<Integer, RuntimeException>) Threads::ofThisThread;
        } else if (type == Throwable.class) {
            return new IllegalStateException("an argument");
        } else if (type == Device.class && !isRare(8)) {
            return Device.CPU;
        } else if (type == DType.class && random.nextBoolean()) {
            return DType.FLOAT32;
        } else if (type.isEnum()) {
            return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
        } else if (type == Blocks.class) {
            return new Blocks(
                    isRare(ABSURD) ? Integer.MAX_VALUE : index(),
                    whole(),
                    whole(),
                    whole(),
                    whole(),
                    whole());
        } else if (type == Angles.class) {
            return new Angles(new float[random.nextInt(10)], new float[random.nextInt(10)]);
        }
        return values.any(type, random);
    }

    private long whole() {
        return isRare(ABSURD) ? absurdLong() : index();
    }

    private boolean isRare(int oneOf) {
        return random.nextInt(oneOf) == 0;
    }

    private int index() {
        return random.nextInt(-3, 5);
    }

    private long absurdLong() {
        return ABSURD_LONGS[random.nextInt(ABSURD_LONGS.length)];
    }

    private long[] smallShape() {
        return random.longs(random.nextInt(4), isRare(6) ? 0 : 1, 6).toArray();
    }

    private long[] shape() {
        if (isRare(ABSURD)) {
            var absurd = new long[isRare(3) ? 70 : random.nextInt(1, 5)];
            Arrays.setAll(absurd, _ -> absurdLong());
            return absurd;
        }
        if (isRare(3)) {
            return smallShape();
        }
        // that of another tensor, as it is or with one size changed
        var shape = values.any(Tensor.class, random) instanceof Tensor tensor ? size(tensor) : null;
        if (shape == null) {
            return smallShape();
        }
        if (shape.length > 0 && random.nextBoolean()) {
            shape[random.nextInt(shape.length)] = random.nextLong(-1, 40);
        }
        return shape;
    }

    private static long @Nullable [] size(Tensor tensor) {
        try {
            return tensor.shape();
        } catch (IllegalStateException | WrongThreadException e) {
            return null;
        }
    }

    private List<@Nullable Object> list() {
        var list = new ArrayList<@Nullable Object>();
        boolean equal = random.nextBoolean();
        var first = values.any(Tensor.class, random);
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(isRare(NULLS) ? null : equal ? first : values.any(Tensor.class, random));
        }
        return isRare(8) ? Collections.unmodifiableList(list) : list;
    }

    private ByteBuffer buffer(int bytes) {
        var buffer =
                random.nextBoolean()
                        ? ByteBuffer.allocate(bytes)
                        : ByteBuffer.allocateDirect(bytes);
        while (buffer.hasRemaining()) {
            buffer.put((byte) (isRare(3) ? random.nextInt(256) : random.nextInt(2)));
        }
        buffer.flip();
        return isRare(8) ? buffer.asReadOnlyBuffer() : buffer;
    }

    /** Callbacks write, throw, or close a tensor, perhaps that on which they are called. */
    private Consumer<ByteBuffer> writer() {
        int kind = random.nextInt(4);
        byte value = (byte) random.nextInt(3);
        return bytes -> {
            if (kind == 0) {
                throw new IllegalArgumentException("from a callback");
            } else if (kind == 1) {
                values.closeNewest();
            }
            while (bytes.hasRemaining()) {
                bytes.put(value);
            }
        };
    }

    private Function<FloatBuffer, Float> reader() {
        int kind = random.nextInt(4);
        return floats -> {
            if (kind == 0) {
                throw new IllegalArgumentException("from a callback");
            } else if (kind == 1) {
                values.closeNewest();
            }
            float sum = 0;
            while (floats.hasRemaining()) {
                sum += floats.get();
            }
            return sum;
        };
    }
}
