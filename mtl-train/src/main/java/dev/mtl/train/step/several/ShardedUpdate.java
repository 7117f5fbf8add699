package dev.mtl.train.step.several;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.optim.ParameterUpdate;
import dev.mtl.train.optim.Shards;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** An update of which each process computes a part, and gives the others the new weights. */
public final class ShardedUpdate implements ParameterUpdate {
    /** Elements that travel together. */
    private static final long CHUNK = 1 << 22;

    private final Collective processes;
    private final List<Tensor> parameters;
    private final Shards shards;
    private final ParameterUpdate own;

    /**
     * Divides an update.
     *
     * @param shards the parts
     * @param own updates the part of this process
     */
    public ShardedUpdate(
            Collective processes, Parameters parameters, Shards shards, ParameterUpdate own) {
        this.processes = processes;
        this.parameters = parameters.tensors();
        this.shards = shards;
        this.own = own;
    }

    @Override
    public void step(List<@Nullable Tensor> gradients, double scheduleFactor) {
        own.step(gradients, scheduleFactor);
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            var chunks = new ArrayList<Tensor>();
            var owners = new ArrayList<Integer>();
            for (var piece : shards.pieces()) {
                if (gradients.get(piece.parameter()) == null) {
                    continue;
                }
                var flat = parameters.get(piece.parameter()).view(-1);
                for (long from = piece.from(); from < piece.to(); from += CHUNK) {
                    chunks.add(flat.slice(0, from, Math.min(piece.to(), from + CHUNK)));
                    owners.add(piece.owner());
                }
            }
            TensorBytes.use(chunks, buffers -> processes.share(buffers, owners));
        }
    }
}
