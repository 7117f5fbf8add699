package dev.mtl.core.export;

import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.bert.BertWeights;
import dev.mtl.core.bert.ConfigJson;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.internal.JsonFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The backbone and one head as a {@code BertForTokenClassification} of transformers, or the
 * corresponding class of its family, whose pipelines run it with the same labels and logits.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/models/bert/modeling_bert.py">modeling_bert.py</a>
 */
public final class TransformersExport {
    private TransformersExport() {}

    /** The class of transformers that loads an exported directory. */
    private static String architecture(MultiTaskModel model) {
        return model.backboneConfig().modelType().transformersClass("ForTokenClassification");
    }

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
        var head = LinearHead.of(model, name);
        requireTags(head, model);
        var config = config(head.task(), ConfigJson.of(source));
        config.putArray("architectures").add(architecture(model));
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

    private static void requireTags(LinearHead head, MultiTaskModel model) {
        var task = head.task();
        var type = model.backboneConfig().modelType();
        if (!type.hasLinearClassifier()) {
            throw new ConfigurationException(
                    ("task '%s': %s of transformers has another layer before its classifier, that"
                         + " this model does not have, so its logits would differ. The directory of"
                         + " the model itself has the encoder as transformers and"
                         + " sentence-transformers read it")
                            .formatted(task.name(), architecture(model)));
        }
        if (head.form().input() != HeadInput.TOKENS) {
            throw new ConfigurationException(
                    ("task '%s': its head reads the sentence embedding (%s), but %s of transformers"
                         + " reads another vector, a layer on the first token, that this model does"
                         + " not have, so its logits would differ. --to onnx includes this head; in"
                         + " Python, sentence-transformers gives the embedding that its weights are"
                         + " multiplied by")
                            .formatted(
                                    task.name(),
                                    model.readout().describe(),
                                    model.backboneConfig()
                                            .modelType()
                                            .transformersClass("ForSequenceClassification")));
        }
        long classes = head.bias().size(0);
        if (task.labels().size() != classes) {
            throw new ConfigurationException(
                    ("task '%s': its head has %d labels and %d logits for a token; "
                                    + "%s needs one label for each logit")
                            .formatted(
                                    task.name(),
                                    task.labels().size(),
                                    classes,
                                    architecture(model)));
        }
    }

    private static ObjectNode config(Task task, ObjectNode config) {
        var labels = config.putObject("id2label");
        var ids = config.putObject("label2id");
        for (int i = 0; i < task.labels().size(); i++) {
            labels.put(Integer.toString(i), task.labels().get(i));
            ids.put(task.labels().get(i), i);
        }
        config.put("num_labels", task.labels().size());
        // for further training: most heads use this name
        var dropout = JsonFiles.tree(task.settings()).path("dropout");
        if (dropout.isNumber()) {
            config.set("classifier_dropout", dropout);
        }
        return config;
    }

    private static Map<String, Tensor> weights(MultiTaskModel model, LinearHead head) {
        var tensors = new LinkedHashMap<String, Tensor>();
        var config = model.backboneConfig();
        var type = config.modelType();
        var weights = model.backboneWeights(head.task().name());
        for (var spec : BertWeights.specs(config)) {
            tensors.put(type.prefix() + "." + type.hfName(spec.name()), weights.get(spec.name()));
        }
        tensors.put("classifier.weight", head.weight());
        tensors.put("classifier.bias", head.bias());
        return tensors;
    }
}
