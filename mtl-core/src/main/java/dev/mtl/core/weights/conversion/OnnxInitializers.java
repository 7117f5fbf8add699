package dev.mtl.core.weights.conversion;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.internal.Reasons;
import dev.mtl.core.weights.FileRegion;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.TensorSource;
import dev.mtl.core.weights.WeightFileException;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Reads the initializers (the weights) of an ONNX model of less than 2 GiB, each of which is one
 * contiguous range of the file itself, as PyTorch's exporter writes them.
 *
 * <p>Initializers of other kinds (strings, lists of integers) are ignored.
 */
public final class OnnxInitializers implements TensorSource {
    private final Path file;
    private final FileChannel channel;
    private final Map<String, TensorInfo> tensors;
    private final Map<String, FileRegion> regions;
    private final Map<String, String> matMulWeights;

    private OnnxInitializers(
            Path file,
            FileChannel channel,
            Map<String, TensorInfo> tensors,
            Map<String, FileRegion> regions,
            Map<String, String> matMulWeights) {
        this.file = file;
        this.channel = channel;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.regions = regions;
        this.matMulWeights = Collections.unmodifiableMap(matMulWeights);
    }

    /**
     * Opens a model and finds its weights.
     *
     * @throws WeightFileException if the file is missing, damaged, or has its weights in other
     *     files
     */
    public static OnnxInitializers open(Path file) {
        try {
            var graph = scan(file);
            var tensors = new LinkedHashMap<String, TensorInfo>();
            var regions = new HashMap<String, FileRegion>();
            for (var initializer : graph.initializers) {
                add(file, initializer, tensors, regions);
            }
            if (tensors.isEmpty()) {
                throw new WeightFileException(file, "no weights found: not an ONNX model?");
            }
            var weights = matMulWeights(file, graph, tensors.keySet());
            return new OnnxInitializers(file, FileChannel.open(file), tensors, regions, weights);
        } catch (NoSuchFileException e) {
            throw new WeightFileException(file, "no such file", e);
        } catch (IOException e) {
            throw new WeightFileException(
                    file, "not an ONNX model, or cut short: " + Reasons.of(e), e);
        }
    }

    private static Map<String, String> matMulWeights(
            Path file, OnnxGraph graph, Set<String> stored) {
        var weights = new LinkedHashMap<String, String>();
        for (var node : graph.matMuls) {
            if (!node.name().isEmpty() && stored.contains(node.weight())) {
                var other = weights.put(node.name(), node.weight());
                if (other != null && !other.equals(node.weight())) {
                    throw new WeightFileException(file, "has the node '" + node.name() + "' twice");
                }
            }
        }
        return weights;
    }

    private static OnnxGraph scan(Path file) throws IOException {
        try (var stream = new BufferedInputStream(Files.newInputStream(file))) {
            return OnnxGraph.read(CodedInputStream.newInstance(stream, 1 << 16));
        }
    }

    private static void add(
            Path file,
            OnnxGraph.Initializer initializer,
            Map<String, TensorInfo> tensors,
            Map<String, FileRegion> regions) {
        if (initializer.external()) {
            throw new WeightFileException(
                    file,
                    "keeps '%s' in another file (external data), which is not supported"
                            .formatted(initializer.name()));
        }
        if (initializer.dtype() == null || initializer.region() == null) {
            return;
        }
        var shape = initializer.shape().stream().mapToLong(Long::longValue).toArray();
        try {
            var info = new TensorInfo(initializer.name(), initializer.dtype(), shape);
            if (info.bytes() != initializer.region().length()) {
                throw new WeightFileException(
                        file, "%s has %d bytes".formatted(info, initializer.region().length()));
            }
            if (tensors.put(info.name(), info) != null) {
                throw new WeightFileException(file, "has '" + info.name() + "' twice");
            }
            regions.put(info.name(), initializer.region());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new WeightFileException(
                    file, "initializer '%s': %s".formatted(initializer.name(), e.getMessage()), e);
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return tensors;
    }

    /**
     * For each MatMul node with a stored right-hand side: the node's name, such as {@code
     * /encoder/layer.0/attention/self/query/MatMul}, and the initializer's, in the graph's order.
     */
    public Map<String, String> matMulWeights() {
        return matMulWeights;
    }

    @Override
    public void read(String name, ByteBuffer target) {
        Objects.requireNonNull(regions.get(info(name).name()))
                .read(file, channel, "'" + name + "'", target);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
