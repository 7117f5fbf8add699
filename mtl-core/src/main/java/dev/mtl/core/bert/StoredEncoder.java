package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.kernel.PackedKernels;
import dev.mtl.core.kernel.SharedParts;
import dev.mtl.core.nn.Precision;
import dev.mtl.core.transformer.Kernels;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.kernels.Int8Linear;
import dev.mtl.torch.kernels.MkldnnLinear;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * An encoder loaded for inference. On a CPU its weights are packed while they are read, and the
 * word embeddings stay in their file, which is open until this is closed.
 */
public final class StoredEncoder implements AutoCloseable {
    private final TransformerEncoder encoder;
    private final @Nullable BertCheckpoint file;
    private final BertConfig config;
    private final Kernels kernels;

    private StoredEncoder(BertConfig config, Kernels kernels, @Nullable BertCheckpoint file) {
        this.config = config;
        this.kernels = kernels;
        this.file = file;
        encoder = BertArrangement.encoder(config, kernels);
    }

    /**
     * Reads a {@code model.safetensors}, or the files that a {@code model.safetensors.index.json}
     * names.
     *
     * <p>An adapter beside the file is added to the weights while they are read.
     *
     * @param precision FP32, or on a CPU INT8 for the linear layers
     * @param owner takes the weights
     * @throws MtlException if the tensors are not those that {@code config} says (lists them), or
     *     this LibTorch has no kernels for INT8
     */
    public static StoredEncoder load(
            Path path, BertConfig config, Device device, Precision precision, TensorScope owner) {
        if (precision == Precision.INT8) {
            requireInt8(device);
        } else if (!device.isCpu() || !MkldnnLinear.isAvailable()) {
            var weights = BertWeights.load(path, config, device, owner);
            return new StoredEncoder(config, new SharedParts(new GraphKernels(weights)), null);
        }
        var file = BertCheckpoint.open(path, config);
        try {
            var kernels =
                    precision == Precision.INT8
                            ? PackedKernels.int8(file, owner)
                            : PackedKernels.float32(file, owner);
            boolean staysOpen = file.rows(BertArrangement.WORDS).isPresent();
            var encoder =
                    new StoredEncoder(config, new SharedParts(kernels), staysOpen ? file : null);
            if (!staysOpen) {
                file.close();
            }
            return encoder;
        } catch (RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    private static void requireInt8(Device device) {
        if (!device.isCpu()) {
            throw new IllegalArgumentException("precision int8 is for the CPU, not for " + device);
        }
        if (!Int8Linear.isAvailable()) {
            throw new MtlException(
                    "this LibTorch was built without oneDNN, which precision int8 needs; use fp32");
        }
    }

    /** The encoder, for inference until this is closed. */
    public TransformerEncoder encoder() {
        return encoder;
    }

    /**
     * Another encoder on the same weights.
     *
     * @param change what is computed differently
     */
    public TransformerEncoder encoder(UnaryOperator<Kernels> change) {
        return BertArrangement.encoder(config, change.apply(kernels));
    }

    /** Closes the file; the weights are their owner's. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
