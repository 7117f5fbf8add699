package dev.mtl.core.export;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.ConfigJson;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The backbone and one head as a class of transformers, such as {@code BertForTokenClassification},
 * {@code BertForQuestionAnswering}, {@code BertForSequenceClassification} (which the CrossEncoder
 * of sentence-transformers runs, too) or {@code BertForMaskedLM}, or the corresponding class of its
 * family. Pipelines run it with the same labels and logits.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py">modeling_bert.py</a>
 */
public final class TransformersExport {
    private TransformersExport() {}

    /**
     * Writes {@code config.json}, {@code model.safetensors} and the tokenizer's files.
     *
     * @param source the directory that the model was loaded from
     * @param name of the task
     * @param target a new or empty directory
     * @throws ConfigurationException if no class of transformers computes what the task's head
     *     does, or {@code target} is not empty
     * @throws MtlException if it cannot be written
     */
    public static void write(
            MultiTaskModel model, ModelDirectory source, String name, Path target) {
        var config = ConfigJson.of(source);
        var head = TransformersHead.of(model, name, config);
        describe(head, config);
        config.putArray("architectures").add(TransformersHead.className(model, head.kind()));
        ExportDirectory.write(
                target,
                staging -> {
                    JsonFiles.write(staging.resolve("config.json"), config);
                    ExportDirectory.writeTokenizer(source, model, staging);
                    try (var _ = TensorScope.open()) {
                        ParameterWriter.write(
                                staging.resolve("model.safetensors"), weights(model, head));
                    }
                });
    }

    private static void describe(TransformersHead head, ObjectNode config) {
        var settings = JsonFiles.tree(head.task().settings());
        var labels = head.task().labels();
        if (head.kind().isLabelled()) {
            var byId = config.putObject("id2label");
            var ids = config.putObject("label2id");
            for (int i = 0; i < labels.size(); i++) {
                byId.put(Integer.toString(i), labels.get(i));
                ids.put(labels.get(i), i);
            }
            config.put("num_labels", labels.size());
        }
        // for further training: most heads use this name
        if (settings.path("dropout").isNumber()) {
            config.set("classifier_dropout", settings.path("dropout"));
        }
        if (head.kind() == TransformersHead.Kind.TEXTS && labels.size() == 1) {
            // a CrossEncoder would take the sigmoid of a score that is none
            config.putObject("sentence_transformers")
                    .put(
                            "activation_fn",
                            settings.path("loss").asText().equalsIgnoreCase("binary")
                                    ? "torch.nn.modules.activation.Sigmoid"
                                    : "torch.nn.modules.linear.Identity");
        }
    }

    private static Map<String, Tensor> weights(MultiTaskModel model, TransformersHead head) {
        var tensors = new LinkedHashMap<String, Tensor>();
        var config = model.backboneConfig();
        var type = config.modelType();
        var weights = model.backboneWeights(head.task().name());
        for (var spec : BertWeights.specs(config)) {
            tensors.put(type.prefix() + "." + type.hfName(spec.name()), weights.get(spec.name()));
        }
        tensors.putAll(head.tensors());
        return tensors;
    }
}
