package dev.mtl.train.step.several;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.torch.optim.Gradients;
import dev.mtl.train.collective.Collective;

import java.util.ArrayList;
import java.util.List;

/**
 * A sum over processes of which all that travels is bfloat16, half as much as FLOAT32. Each process
 * adds one part of the vector, in FLOAT32 and in the order of the ranks, and rounds its total: an
 * addend is rounded once and the total once, however many processes there are. All processes have
 * the same bits afterwards.
 */
final class HalfPrecisionSum {
    /** Elements of which copies are made at once: 256 MB of FLOAT32. */
    private static final long CHUNK = 1 << 26;

    private HalfPrecisionSum() {}

    /**
     * Sums in place.
     *
     * @param vector FLOAT32, one-dimensional, of the same size in all processes
     */
    static void of(Collective processes, Tensor vector) {
        for (long start = 0; start < vector.numel(); start += CHUNK) {
            try (var _ = TensorScope.open();
                    var _ = Autograd.noGrad()) {
                sum(processes, vector.slice(0, start, Math.min(vector.numel(), start + CHUNK)));
            }
        }
    }

    private static void sum(Collective processes, Tensor chunk) {
        int size = processes.size();
        int rank = processes.rank();
        var rounded = chunk.to(DType.BFLOAT16);
        var parts = parts(rounded, size);
        var own = parts(chunk, size).get(rank);
        var received = new ArrayList<Tensor>();
        for (int other = 0; other < size; other++) {
            received.add(Tensors.empty(DType.BFLOAT16, Device.CPU, own.numel()));
        }
        var buffers = new ArrayList<>(parts);
        buffers.addAll(received);
        TensorBytes.use(
                buffers,
                all -> processes.exchange(all.subList(0, size), all.subList(size, 2 * size)));
        var total = Tensors.full(DType.FLOAT32, Device.CPU, -0.0, own.numel());
        for (int other = 0; other < size; other++) {
            var addend = other == rank ? own : received.get(other).to(DType.FLOAT32);
            Gradients.addInPlace(List.of(total), List.of(addend), 1);
        }
        parts.get(rank).copyFrom(total.to(DType.BFLOAT16));
        var owners = new ArrayList<Integer>();
        for (int other = 0; other < size; other++) {
            owners.add(other);
        }
        TensorBytes.use(parts, all -> processes.share(all, owners));
        chunk.copyFrom(rounded.to(DType.FLOAT32));
    }

    /** What each process adds. */
    private static List<Tensor> parts(Tensor vector, int size) {
        var parts = new ArrayList<Tensor>();
        for (int i = 0; i < size; i++) {
            parts.add(vector.slice(0, vector.numel() * i / size, vector.numel() * (i + 1) / size));
        }
        return parts;
    }
}
