package dev.mtl.train.checkpoint;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.optim.Optimizer;
import dev.mtl.train.optim.Shards;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * AdamW's moments on their way to and from a checkpoint, which has those of whole parameters. Each
 * process may have a part of them only; process 0 reads and writes checkpoints.
 */
public final class DividedMoments implements AutoCloseable {
    private final Collective processes;
    private final Parameters parameters;
    private final Optimizer optimizer;
    private final @Nullable Shards shards;
    private final TensorScope owner = TensorScope.shared();
    private final Map<String, AdamW.Moments> restored = new LinkedHashMap<>();

    /**
     * The moments of an optimizer.
     *
     * @param shards its parts; null if each process has all moments
     */
    public DividedMoments(
            Collective processes,
            Parameters parameters,
            Optimizer optimizer,
            @Nullable Shards shards) {
        this.processes = processes;
        this.parameters = parameters;
        this.optimizer = optimizer;
        this.shards = shards;
    }

    /** Whether a process needs the others to write a checkpoint. */
    public boolean isDivided() {
        return shards != null;
    }

    /** Takes moments of whole parameters, which it copies. */
    public void restore(Map<String, AdamW.Moments> whole) {
        optimizer.restore(whole);
    }

    /** Takes those of a checkpoint in process 0, and keeps them until {@link #sent}. */
    public void restoreToSend(Map<String, AdamW.Moments> whole) {
        optimizer.restore(whole);
        if (shards == null) {
            return;
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            whole.forEach(
                    (name, moments) ->
                            restored.put(
                                    name,
                                    new AdamW.Moments(
                                            owner.take(moments.first().copy()),
                                            owner.take(moments.second().copy()),
                                            owner.take(moments.step().copy()))));
        }
    }

    /** What process 0 gives to the others before the first step. */
    Map<String, AdamW.Moments> toSend() {
        return shards == null ? optimizer.state() : restored;
    }

    /** The others have what they need. */
    void sent() {
        for (var moments : restored.values()) {
            moments.first().close();
            moments.second().close();
            moments.step().close();
        }
        restored.clear();
    }

    /**
     * Runs {@code work} on the moments of whole parameters, in process 0; in the others on nothing.
     * All processes call this if they are divided.
     */
    public void use(Consumer<Map<String, AdamW.Moments>> work) {
        if (shards == null) {
            work.accept(optimizer.state());
            return;
        }
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var own = optimizer.state();
            var whole = new LinkedHashMap<String, AdamW.Moments>();
            for (var name : parameters.names()) {
                var all = processes.gather(bytes(own.get(name)));
                if (processes.rank() == 0) {
                    var moments = join(all, parameters.get(name).shape());
                    if (moments != null) {
                        whole.put(name, moments);
                    }
                }
            }
            work.accept(whole);
        }
    }

    /** The step, the first moments and the second ones; nothing if there are none. */
    private static byte[] bytes(AdamW.@Nullable Moments own) {
        if (own == null) {
            return new byte[0];
        }
        long elements = own.first().numel();
        var bytes = ByteBuffer.allocate(Math.toIntExact(Float.BYTES * (1 + 2 * elements)));
        TensorBytes.use(
                List.of(own.step(), own.first(), own.second()),
                buffers -> buffers.forEach(bytes::put));
        return bytes.array();
    }

    private static AdamW.@Nullable Moments join(List<byte[]> parts, long[] shape) {
        int elements = 0;
        ByteBuffer step = null;
        for (var part : parts) {
            if (part.length > 0) {
                step = ByteBuffer.wrap(part, 0, Float.BYTES).slice().order(ByteOrder.nativeOrder());
                elements += part.length / Float.BYTES - 1;
            }
        }
        if (elements == 0) {
            return null;
        }
        int bytes = elements / 2 * Float.BYTES;
        var first = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        var second = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        for (var part : parts) {
            int each = part.length == 0 ? 0 : (part.length - Float.BYTES) / 2;
            first.put(part, Math.min(part.length, Float.BYTES), each);
            second.put(part, Math.min(part.length, Float.BYTES + each), each);
        }
        return new AdamW.Moments(
                Tensors.of(first.flip(), DType.FLOAT32, shape),
                Tensors.of(second.flip(), DType.FLOAT32, shape),
                Tensors.of(Objects.requireNonNull(step), DType.FLOAT32));
    }

    @Override
    public void close() {
        owner.close();
    }
}
