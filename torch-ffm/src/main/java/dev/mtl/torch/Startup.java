package dev.mtl.torch;

import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.loading.LargeStack;

/**
 * Initializes all classes that tensors need, on a {@link LargeStack}, before the first scope opens:
 * whoever calls MTL first may have little stack left.
 */
final class Startup implements Runnable {
    @Override
    public void run() {
        try (var _ = TensorScope.openStarted()) {
            var leaf = Autograd.requireGrad(Tensors.of(new float[] {1, 2}, 2), true);
            Autograd.backward(leaf.add(1).mul(leaf).square().sum());
            Autograd.takeGrad(leaf).orElseThrow().toFloats();
        } catch (TorchException e) {
            // No usable LibTorch: the first operator says so.
        }
    }
}
