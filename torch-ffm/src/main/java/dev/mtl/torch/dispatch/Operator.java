package dev.mtl.torch.dispatch;

import dev.mtl.torch.abi.LibTorchAbi;
import dev.mtl.torch.loading.LibTorch;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * An ATen operator: its {@link Schema}, and its name as the C strings that the dispatcher takes.
 *
 * @see OperatorCalls
 */
public final class Operator {
    private final Schema schema;
    private final MemorySegment name;
    private final MemorySegment overload;

    private Operator(Schema schema) {
        this.schema = schema;
        this.name = Arena.global().allocateFrom(schema.name());
        this.overload = Arena.global().allocateFrom(schema.overload());
    }

    /** An operator by its schema, exactly as PyTorch's native_functions.yaml writes it. */
    public static Operator of(String schema) {
        return new Operator(Schema.parse(schema));
    }

    Schema schema() {
        return schema;
    }

    /**
     * Calls the operator.
     *
     * @param stack one encoded slot per schema parameter, all consumed by the call; the results
     *     replace them from slot 0 on
     * @return zero on success
     */
    int call(MemorySegment stack) {
        return LibTorchAbi.torch_call_dispatcher(name, overload, stack, LibTorch.get().version());
    }

    /** All arguments of the schema, defaults in place of trailing ones that were left out. */
    @Nullable Object[] withDefaults(@Nullable Object... given) {
        var parameters = schema.parameters();
        if (given.length > parameters.size()) {
            throw new IllegalArgumentException(
                    "%s takes %d arguments, not %d"
                            .formatted(this, parameters.size(), given.length));
        }
        var all = Arrays.copyOf(given, parameters.size());
        for (int i = given.length; i < all.length; i++) {
            var parameter = parameters.get(i);
            if (!parameter.hasDefault()) {
                throw new IllegalArgumentException(
                        this + " needs an argument for '" + parameter.name() + "'");
            }
            all[i] = parameter.defaultValue();
        }
        return all;
    }

    /** {@code aten::linear(input: float32[2, 3] cpu, weight: ..., bias: none)}. */
    String describe(@Nullable Object[] arguments) {
        var text = new StringBuilder(schema.qualifiedName()).append('(');
        for (int i = 0; i < arguments.length; i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(schema.parameters().get(i).name())
                    .append(": ")
                    .append(NativeCalls.describe(arguments[i]));
        }
        return text.append(')').toString();
    }

    /** The name with namespace and overload, {@code aten::softmax.int}. */
    @Override
    public String toString() {
        return schema.qualifiedName();
    }
}
