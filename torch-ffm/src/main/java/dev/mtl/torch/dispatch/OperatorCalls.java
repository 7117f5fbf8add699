package dev.mtl.torch.dispatch;

import dev.mtl.torch.loading.LibTorch;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Calls operators with Java values through LibTorch's dispatcher: arguments are checked against the
 * operator's {@link Schema}, encoded as stack slots and consumed by the call; result tensors belong
 * to the caller's innermost scope. The subclass knows the types of tensors, dtypes and devices,
 * which this package does not name.
 *
 * <p>The dispatcher trusts its stack: a missing argument, or an integer where it expects a handle,
 * crashes the JVM. No native call happens before all arguments are checked.
 *
 * @param <T> the type of tensors
 */
public abstract class OperatorCalls<T> {

    /** Whether {@code value} can be passed for a parameter of kind TENSOR, DTYPE or DEVICE. */
    protected abstract boolean isInstance(Schema.Kind kind, Object value);

    /** Throws if a tensor is closed or belongs to another thread. */
    protected abstract void checkUsable(Object tensor);

    /** A new native reference to a tensor, to be consumed by a call. */
    protected abstract long newReference(Object tensor);

    /** The slot of a dtype or device. */
    protected abstract long code(Schema.Kind kind, Object value);

    /** Throws if no scope is open on this thread that could own the results of an operation. */
    public abstract void requireScope(String operation);

    /** Takes ownership of a native reference; the tensor belongs to the innermost open scope. */
    public abstract T adopt(long handle);

    /**
     * Calls an operator and returns its first result. Trailing arguments that have defaults may be
     * left out.
     */
    public final T call(Operator operator, @Nullable Object... arguments) {
        if (operator.schema().results() != 1) {
            return callAll(operator, arguments).getFirst();
        }
        requireScope(operator.schema().qualifiedName());
        return adopt(invoke(operator, arguments).get(ValueLayout.JAVA_LONG, 0));
    }

    /** Calls an operator and returns all its results. */
    public final List<T> callAll(Operator operator, @Nullable Object... arguments) {
        requireScope(operator.schema().qualifiedName());
        var stack = invoke(operator, arguments);
        int count = operator.schema().results();
        var results = new ArrayList<T>(count);
        for (int i = 0; i < count; i++) {
            results.add(adopt(stack.getAtIndex(ValueLayout.JAVA_LONG, i)));
        }
        return results;
    }

    /** Calls an operator for its side effect and releases its results (in-place ones: self). */
    public final void run(Operator operator, @Nullable Object... arguments) {
        var stack = invoke(operator, arguments);
        for (int i = 0; i < operator.schema().results(); i++) {
            NativeCalls.deleteTensor(stack.getAtIndex(ValueLayout.JAVA_LONG, i));
        }
    }

    private MemorySegment invoke(Operator operator, @Nullable Object... given) {
        LibTorch.get();
        var arguments = operator.withDefaults(given);
        check(operator, arguments);
        var schema = operator.schema();
        var stack = Scratch.get().stack(Math.max(arguments.length, schema.results()));
        encode(schema, arguments, stack);
        if (operator.call(stack) != 0) {
            throw NativeCalls.failure(operator.describe(arguments));
        }
        return stack;
    }

    private void check(Operator operator, @Nullable Object[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            var parameter = operator.schema().parameters().get(i);
            var problem = mismatch(parameter, arguments[i]);
            if (problem != null) {
                throw new IllegalArgumentException(
                        "%s: '%s' %s"
                                .formatted(
                                        operator.describe(arguments), parameter.name(), problem));
            }
            switch (parameter.kind()) {
                case TENSOR -> {
                    if (arguments[i] != null) {
                        checkUsable(arguments[i]);
                    }
                }
                case TENSOR_LIST -> {
                    if (arguments[i] instanceof List<?> list) {
                        list.forEach(this::checkUsable);
                    }
                }
                default -> {}
            }
        }
    }

    /** Why {@code value} cannot be passed for a parameter; null if it can. */
    private @Nullable String mismatch(Schema.Parameter parameter, @Nullable Object value) {
        if (value == null) {
            return parameter.optional() ? null : "must not be null";
        }
        var kind = parameter.kind();
        boolean fits =
                switch (kind) {
                    case TENSOR, DTYPE, DEVICE -> isInstance(kind, value);
                    case TENSOR_LIST ->
                            value instanceof List<?> list
                                    && list.stream()
                                            .allMatch(
                                                    element ->
                                                            isInstance(
                                                                    Schema.Kind.TENSOR, element));
                    case INT, LAYOUT, MEMORY_FORMAT ->
                            value instanceof Long || value instanceof Integer;
                    case INT_LIST -> value instanceof long[];
                    case FLOAT -> value instanceof Double;
                    case BOOL -> value instanceof Boolean;
                    case STRING -> value instanceof String;
                };
        return fits
                ? null
                : "takes %s, not %s"
                        .formatted(
                                kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                value.getClass().getSimpleName());
    }

    private void encode(Schema schema, @Nullable Object[] arguments, MemorySegment stack) {
        int done = 0;
        try {
            for (; done < arguments.length; done++) {
                long slot = slot(schema.parameters().get(done), arguments[done]);
                stack.setAtIndex(ValueLayout.JAVA_LONG, done, slot);
            }
        } finally {
            if (done < arguments.length) {
                for (int i = 0; i < done; i++) {
                    StableIValueEncoder.release(
                            schema.parameters().get(i), stack.getAtIndex(ValueLayout.JAVA_LONG, i));
                }
            }
        }
    }

    private long slot(Schema.Parameter parameter, @Nullable Object value) {
        if (value == null) {
            return StableIValueEncoder.NONE;
        }
        long slot =
                switch (parameter.kind()) {
                    case TENSOR -> newReference(value);
                    case DTYPE, DEVICE -> code(parameter.kind(), value);
                    case TENSOR_LIST -> {
                        var tensors = (List<?>) value;
                        long list = StableIValueEncoder.newList(tensors.size());
                        for (var tensor : tensors) {
                            StableIValueEncoder.push(list, newReference(tensor));
                        }
                        yield list;
                    }
                    case INT, LAYOUT, MEMORY_FORMAT -> ((Number) value).longValue();
                    case INT_LIST -> StableIValueEncoder.list((long[]) value);
                    case FLOAT -> Double.doubleToRawLongBits((Double) value);
                    case BOOL -> (Boolean) value ? 1 : 0;
                    case STRING -> StableIValueEncoder.string((String) value);
                };
        return parameter.optional() ? StableIValueEncoder.optional(slot) : slot;
    }
}
