package dev.mtl.core.weights.conversion;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;

import dev.mtl.core.weights.WeightFileException;
import dev.mtl.core.weights.conversion.FieldMutator.Schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A process that converts ONNX models and TensorFlow checkpoints whose structure lies: sizes that
 * overflow, names that are taken, nodes that read what they write, data elsewhere. Its arguments:
 * folder, seed, count. The file {@code at} says which one it is at, for the case that it dies.
 */
final class HostileModels {
    /** {@code NodeProto} with attributes, {@code TensorProto}; in a model, in field 7. */
    private static final Schema GRAPH =
            new Schema(Map.of(1, new Schema(Map.of(5, Schema.LEAF)), 5, Schema.LEAF));

    /** {@code BundleEntryProto}: its shape, the shape's dimensions. */
    private static final Schema ENTRY =
            new Schema(Map.of(2, new Schema(Map.of(2, Schema.LEAF)), 7, Schema.LEAF));

    private final Path folder;
    private final SplittableRandom random;
    private final FieldMutator mutator;

    private HostileModels(Path folder, long seed) {
        this.folder = folder;
        this.random = new SplittableRandom(seed);
        this.mutator = new FieldMutator(random);
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        var folder = Path.of(arguments[0]);
        int count = Integer.parseInt(arguments[2]);
        var hostile = new HostileModels(folder, Long.parseLong(arguments[1]));
        int converted = 0;
        for (int i = 0; i < count; i++) {
            Files.writeString(folder.resolve("at"), String.valueOf(i));
            boolean onnx = i % 2 == 0;
            converted += hostile.convert(onnx ? hostile.onnx() : hostile.bundle(), onnx) ? 1 : 0;
        }
        System.out.printf("%d hostile models, %d of them converted%n", count, converted);
    }

    /** Whether a model is converted; what is thrown instead names the file and a reason. */
    private boolean convert(Path file, boolean onnx) throws IOException {
        try (var source = onnx ? OnnxInitializers.open(file) : TensorFlowBundle.open(file)) {
            var conversion =
                    source instanceof OnnxInitializers initializers
                            ? BertConversion.of(initializers)
                            : BertConversion.of((TensorFlowBundle) source);
            conversion.write(folder.resolve("converted.safetensors"), _ -> {});
            return true;
        } catch (WeightFileException e) {
            var message = String.valueOf(e.getMessage());
            if (!message.startsWith(folder.toString()) || message.contains("null")) {
                throw new IllegalStateException("no file or no reason: " + message, e);
            }
            return false;
        }
    }

    private Path onnx() throws IOException {
        var file = folder.resolve("model.onnx");
        var model = UnknownFieldSet.parseFrom(Files.readAllBytes(TinyBert.onnx(file)));
        var graph =
                UnknownFieldSet.parseFrom(model.getField(7).getLengthDelimitedList().getFirst());
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            graph = random.nextInt(4) == 0 ? withoutValues(graph) : mutator.change(graph, GRAPH);
        }
        var field = Field.newBuilder().addLengthDelimited(graph.toByteString()).build();
        return Files.write(
                file, model.toBuilder().clearField(7).addField(7, field).build().toByteArray());
    }

    /** With a tensor that has no values, as its size of zero says, and an absurd other size. */
    private UnknownFieldSet withoutValues(UnknownFieldSet graph) {
        var tensors = graph.getField(5).getLengthDelimitedList();
        var changed = Field.newBuilder();
        int at = tensors.isEmpty() ? -1 : random.nextInt(tensors.size());
        for (int i = 0; i < tensors.size(); i++) {
            var tensor = FieldMutator.parse(tensors.get(i)).toBuilder();
            if (i == at) {
                var sizes = Field.newBuilder().addVarint(0).addVarint(1L << random.nextInt(63));
                var none = Field.newBuilder().addLengthDelimited(ByteString.EMPTY);
                tensor.clearField(1).addField(1, sizes.build());
                tensor.clearField(9).addField(9, none.build());
            }
            changed.addLengthDelimited(tensor.build().toByteString());
        }
        return graph.toBuilder().clearField(5).addField(5, changed.build()).build();
    }

    private Path bundle() throws IOException {
        var bundle = TinyBert.bundle();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            var names = List.copyOf(bundle.rows().keySet());
            var name = names.get(random.nextInt(names.size()));
            var bytes = bundle.rows().getOrDefault(name, new byte[0]);
            var row = FieldMutator.parse(ByteString.copyFrom(bytes));
            var target = random.nextInt(8) == 0 ? name.replace("module/", "") : name;
            bundle.row(target, mutator.change(row, ENTRY).toByteArray());
        }
        return bundle.write(folder);
    }
}
