package dev.mtl.torch.trust;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.error.TorchException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** What calls have returned, by type: the arguments of later ones. */
final class Values implements AutoCloseable {
    /** More elements make calls slow, not dangerous. */
    private static final long MAX_ELEMENTS = 1024;

    private static final int KEPT = 48;

    private final Map<Class<?>, List<Object>> byType = new LinkedHashMap<>();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** The scope whose tensors every thread may use. */
    final TensorScope shared;

    /** With tensors of many dtypes, shapes and strides. */
    Values(TensorScope foreign) {
        open(TensorScope.open());
        keep(open(TensorScope.open()));
        shared = open(TensorScope.shared());
        keep(shared);
        for (var dtype : DType.values()) {
            keep(numbers(2, 3).to(dtype));
            keep(numbers(4).to(dtype));
        }
        for (var shape :
                new long[][] {
                    {},
                    {1},
                    {3},
                    {3},
                    {3, 3},
                    {4, 3},
                    {5, 3},
                    {2, 4, 3},
                    {2, 2, 3, 3},
                    {12, 24},
                    {24},
                    {24},
                    {0},
                    {2, 0, 3},
                    {2, 1, 1, 6}
                }) {
            keep(numbers(shape));
        }
        keep(numbers(3, 4).transpose(0, 1));
        keep(numbers(3, 6).slice(1, 1, 4));
        keep(numbers(1).expand(3));
        keep(numbers(1).expand(10_000));
        keep(numbers(1, 3).expand(4, 3));
        keep(Tensors.of(new long[] {0, 2, 1}, 3));
        keep(Tensors.of(new long[] {-1, 900, -100}, 3));
        keep(Tensors.of(new boolean[] {true, false, true}, 3));
        keep(Autograd.requireGrad(numbers(3, 3), true));
        keep(Autograd.requireGrad(numbers(3), true));
        keep(Autograd.requireGrad(numbers(3, 3), true).mul(2));
        keep(shared.take(numbers(3, 3)));
        keep(shared.take(numbers(3)));
        keep(foreign);
        var closed = numbers(3);
        closed.close();
        list(Tensor.class).add(closed);
        keep(Device.CPU);
        keep(Optional.empty());
    }

    private static Tensor numbers(long... shape) {
        int count = 1;
        for (long size : shape) {
            count *= (int) size;
        }
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i % 7 - 1.5f;
        }
        return Tensors.of(values, shape);
    }

    private <T extends AutoCloseable> T open(T resource) {
        open.push(resource);
        return resource;
    }

    private List<Object> list(Class<?> type) {
        return byType.computeIfAbsent(type, _ -> new ArrayList<>());
    }

    /** Adds a tensor of another thread. */
    void addForeign(Tensor tensor) {
        list(Tensor.class).add(tensor);
    }

    /** A value of a type; null if there is none. */
    @Nullable Object any(Class<?> type, SplittableRandom random) {
        var list = list(type);
        return list.isEmpty() ? null : list.get(random.nextInt(list.size()));
    }

    /** Closes the tensor that was made last. */
    void closeNewest() {
        var tensors = list(Tensor.class);
        ((Tensor) tensors.getLast()).close();
    }

    /** Keeps a result, and what is in it. */
    void keep(@Nullable Object result) {
        switch (result) {
            case null -> {}
            case Optional<?> optional -> optional.ifPresent(this::keep);
            case List<?> many -> many.forEach(this::keep);
            case Tensor tensor -> keepTensor(tensor);
            case Tensor.MaxResult max -> {
                add(list(Tensor.MaxResult.class), max);
                keep(max.values());
                keep(max.indices());
            }
            default -> {
                if (result.getClass().getName().startsWith("dev.mtl")) {
                    add(list(result.getClass()), result);
                }
            }
        }
    }

    /** What must be closed in the end, in reverse order. */
    void keepOpen(Object result) {
        if (result instanceof AutoCloseable resource && !(result instanceof Tensor)) {
            open.push(resource);
        }
    }

    private void keepTensor(Tensor tensor) {
        try {
            long elements = 1;
            for (long size : tensor.shape()) {
                elements = Math.multiplyExact(elements, size);
            }
            if (elements <= MAX_ELEMENTS || elements == 10_000) {
                add(list(Tensor.class), tensor);
            } else {
                tensor.close();
            }
        } catch (TorchException | ArithmeticException | IllegalStateException e) {
            tensor.close();
        } catch (WrongThreadException e) {
            // a component of a record, of which the foreign tensor was an argument
        }
    }

    /** The oldest result leaves where there are too many; the tensors of the start stay. */
    private static void add(List<Object> list, Object value) {
        if (list.size() >= 2 * KEPT) {
            var oldest = list.remove(KEPT);
            if (oldest instanceof Tensor tensor) {
                closeQuietly(tensor);
            }
        }
        list.add(value);
    }

    private static void closeQuietly(Tensor tensor) {
        try {
            tensor.close();
        } catch (WrongThreadException e) {
            // its own thread does
        }
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (IllegalStateException | WrongThreadException e) {
                // closed in another order before
            } catch (Exception e) {
                throw new IllegalArgumentException("a resource cannot be closed", e);
            }
        }
    }
}
