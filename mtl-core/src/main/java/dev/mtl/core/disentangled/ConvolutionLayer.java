package dev.mtl.core.disentangled;

import dev.mtl.core.transformer.EncoderLayer;
import dev.mtl.core.transformer.Pass;
import dev.mtl.core.transformer.layers.Activation;
import dev.mtl.core.transformer.layers.Norm;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;

/**
 * A layer beside which a convolution over neighbouring tokens runs on the same input: {@code
 * norm(layer(x) + activation(convolution(x)))}. Padding is zeros to it.
 *
 * @param weight {@code [H, H, width]}, the width odd
 * @param bias {@code [H]}
 * @param dropout of the convolution, before its activation, while training
 */
public record ConvolutionLayer(
        EncoderLayer layer,
        Tensor weight,
        Tensor bias,
        Activation activation,
        double dropout,
        Norm norm)
        implements EncoderLayer {
    @Override
    public Tensor forward(Tensor input, Pass pass) {
        try (var scope = TensorScope.open()) {
            var output = layer.forward(input, pass);
            var convolved = activation.apply(pass.mode().dropout(convolve(input, pass), dropout));
            return scope.moveOut(norm.replace(output.add(convolved)));
        }
    }

    /** {@code [T, H]} to {@code [T, H]}. */
    private Tensor convolve(Tensor input, Pass pass) {
        long width = weight.size(2);
        long hidden = input.size(1);
        long rows = pass.batch().rows();
        int length = pass.batch().length();
        var real = pass.batch().attentionMask().unsqueeze(-1);
        var tokens = pass.layout().pad(input).view(rows, length, hidden).mul(real);
        var zeros = Tensors.zeros(tokens.dtype(), tokens.device(), rows, width / 2, hidden);
        var around = Tensors.cat(List.of(zeros, tokens, zeros), 1);
        var neighbours = new ArrayList<Tensor>();
        for (int i = 0; i < width; i++) {
            neighbours.add(around.slice(1, i, i + (long) length));
        }
        var product =
                Tensors.cat(neighbours, 2)
                        .linear(weight.permute(0, 2, 1).reshape(hidden, width * hidden), bias);
        return pass.layout().pack(product.reshape(rows * length, hidden));
    }
}
