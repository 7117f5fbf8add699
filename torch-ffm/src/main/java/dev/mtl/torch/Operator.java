package dev.mtl.torch;

import dev.mtl.torch.abi.LibTorchAbi;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One ATen operator, called through LibTorch's dispatcher: the arguments are checked against its
 * {@link Schema}, encoded on a stack of 64-bit slots, and consumed by the call; the results take
 * their place and belong to the innermost open {@link TensorScope}.
 */
final class Operator {
    private final Schema schema;
    private final MemorySegment name;
    private final MemorySegment overload;

    private Operator(Schema schema) {
        this.schema = schema;
        this.name = Arena.global().allocateFrom(schema.name());
        this.overload = Arena.global().allocateFrom(schema.overload());
    }

    /** An operator by its schema, exactly as PyTorch's native_functions.yaml writes it. */
    static Operator of(String schema) {
        return new Operator(Schema.parse(schema));
    }

    /**
     * Calls an operator that gives one tensor. Trailing arguments that have defaults may be left
     * out.
     */
    Tensor tensor(@Nullable Object... arguments) {
        return tensors(arguments).getFirst();
    }

    /** Calls the operator and gives all its results. */
    List<Tensor> tensors(@Nullable Object... arguments) {
        var scope = TensorScope.current(schema.qualifiedName());
        var stack = call(arguments);
        var results = new ArrayList<Tensor>(schema.results());
        for (int i = 0; i < schema.results(); i++) {
            results.add(Tensor.adopt(stack.getAtIndex(ValueLayout.JAVA_LONG, i), scope));
        }
        return results;
    }

    /**
     * Calls an operator for its effect; what it gives back (in-place operators: self again) is let
     * go.
     */
    void run(@Nullable Object... arguments) {
        var stack = call(arguments);
        for (int i = 0; i < schema.results(); i++) {
            NativeCalls.deleteTensor(stack.getAtIndex(ValueLayout.JAVA_LONG, i));
        }
    }

    private MemorySegment call(@Nullable Object... given) {
        var torch = LibTorch.get();
        var arguments = complete(given);
        var stack = Scratch.get().stack(Math.max(arguments.length, schema.results()));
        encode(arguments, stack);
        int code = LibTorchAbi.torch_call_dispatcher(name, overload, stack, torch.version());
        if (code != 0) {
            throw NativeCalls.failure(describe(arguments));
        }
        return stack;
    }

    private @Nullable Object[] complete(@Nullable Object... given) {
        var parameters = schema.parameters();
        if (given.length > parameters.size()) {
            throw new IllegalArgumentException(
                    schema.qualifiedName()
                            + " takes "
                            + parameters.size()
                            + " arguments, not "
                            + given.length);
        }
        var all = Arrays.copyOf(given, parameters.size());
        for (int i = 0; i < all.length; i++) {
            var parameter = parameters.get(i);
            if (i >= given.length) {
                if (!parameter.hasDefault()) {
                    throw new IllegalArgumentException(
                            schema.qualifiedName()
                                    + " needs an argument for '"
                                    + parameter.name()
                                    + "'");
                }
                all[i] = parameter.defaultValue();
            }
            var problem = Schema.mismatch(parameter, all[i]);
            if (problem != null) {
                throw new IllegalArgumentException(
                        describe(all) + ": '" + parameter.name() + "' " + problem);
            }
            StableIValueEncoder.checkUsable(all[i]);
        }
        return all;
    }

    private void encode(@Nullable Object[] arguments, MemorySegment stack) {
        int done = 0;
        try {
            for (; done < arguments.length; done++) {
                stack.setAtIndex(
                        ValueLayout.JAVA_LONG,
                        done,
                        StableIValueEncoder.slot(schema.parameters().get(done), arguments[done]));
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

    /** {@code aten::linear(input: float32[2, 3] cpu, weight: ..., bias: none)}. */
    private String describe(@Nullable Object[] arguments) {
        var text = new StringBuilder(schema.qualifiedName()).append('(');
        for (int i = 0; i < arguments.length; i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(schema.parameters().get(i).name())
                    .append(": ")
                    .append(NativeCalls.describe(arguments[i]));
        }
        return text.append(')').toString();
    }

    @Override
    public String toString() {
        return schema.qualifiedName();
    }
}
