package dev.mtl.core.export;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.ConfigJson;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.pooling.modules.SentenceConfig;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.TensorScope;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The backbone, the sentence embedding and the heads as one ONNX file. Its inputs are {@code
 * input_ids}, {@code attention_mask} and {@code token_type_ids}, INT64 {@code [batch, sequence]}
 * (the last not for encoders without token types); its outputs {@code last_hidden_state} {@code
 * [batch, sequence, H]}, {@code sentence_embedding} {@code [batch, D]}, and for each head {@code
 * logits_TASK}, all FLOAT32.
 */
public final class OnnxExport {
    /** The name of the file. */
    public static final String FILE = "model.onnx";

    private static final String BATCH = "batch";
    private static final String SEQUENCE = "sequence";

    private OnnxExport() {}

    /**
     * Writes {@code model.onnx}, {@code config.json}, the prompts, and the tokenizer's files. The
     * labels of each head are in the file's metadata, as {@code labels_TASK}, a JSON array.
     *
     * @param source the directory that the model was loaded from
     * @param heads the tasks whose heads are written
     * @param target a new or empty directory
     * @throws ConfigurationException if a head is not a linear layer, or {@code target} is not
     *     empty
     * @throws MtlException if it cannot be written
     */
    public static void write(
            MultiTaskModel model, ModelDirectory source, Collection<String> heads, Path target) {
        var linear = new LinkedHashMap<String, LinearHead>();
        heads.forEach(name -> linear.put(name, LinearHead.of(model, name)));
        linear.values().forEach(OnnxExport::requireLogitForEachLabel);
        ExportDirectory.write(
                target,
                staging -> {
                    try (var _ = TensorScope.open()) {
                        graph(model, model.backboneWeights(), linear)
                                .write(
                                        staging.resolve(FILE),
                                        model.backboneConfig().modelType().toString());
                    }
                    JsonFiles.write(staging.resolve("config.json"), ConfigJson.of(source));
                    ExportDirectory.writeTokenizer(source, model, staging);
                    ExportDirectory.copy(source, SentenceConfig.FILE, staging);
                });
    }

    /** The file names logits by labels: a head with others would be read wrongly. */
    private static void requireLogitForEachLabel(LinearHead head) {
        long logits = head.bias().size(0);
        int labels = head.task().labels().size();
        if (labels > 0 && logits != labels) {
            throw new ConfigurationException(
                    ("task '%s': its head '%s' has %d logits for %d labels; only a head with a"
                                    + " logit for each label can be exported")
                            .formatted(head.task().name(), head.task().type(), logits, labels));
        }
    }

    private static OnnxModel graph(
            MultiTaskModel model, Parameters weights, SequencedMap<String, LinearHead> heads) {
        var onnx = new OnnxModel();
        var both = List.of(BATCH, SEQUENCE);
        var ids = onnx.input("input_ids", both);
        var attended = onnx.input("attention_mask", both);
        var mask = onnx.add("Cast", List.of(attended), OnnxProto.attribute("to", OnnxProto.FLOAT));
        var config = model.backboneConfig();
        var types = config.typeVocabSize() > 0 ? onnx.input("token_type_ids", both) : null;
        var layers = new OnnxLayers(onnx, weights);
        var tokens = new OnnxBert(onnx, config, layers).forward(ids, types, mask);
        var readout =
                new OnnxReadout(onnx, model.readout(), model.parameters(), config.hiddenSize());
        var sentence = readout.forward(tokens, mask);
        var hidden = Integer.toString(config.hiddenSize());
        onnx.output("last_hidden_state", tokens, List.of(BATCH, SEQUENCE, hidden));
        var width = Integer.toString(model.readout().dimensions(config.hiddenSize()));
        onnx.output("sentence_embedding", sentence, List.of(BATCH, width));
        heads.forEach(
                (name, head) -> {
                    boolean ofTokens = head.form().input().isOfTokens();
                    var logits =
                            layers.linear(
                                    head.task().prefix() + "." + head.form().weight(),
                                    head.task().prefix() + "." + head.form().bias(),
                                    ofTokens ? tokens : sentence);
                    var classes = Long.toString(head.bias().size(0));
                    onnx.output(
                            "logits_" + name,
                            logits,
                            ofTokens ? List.of(BATCH, SEQUENCE, classes) : List.of(BATCH, classes));
                    onnx.metadata(
                            "labels_" + name, JsonFiles.tree(head.task().labels()).toString());
                });
        return onnx;
    }
}
