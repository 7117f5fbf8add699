package dev.mtl.core.export;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.bert.ModelType;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.internal.files.JsonFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.nn.Initializer;
import dev.mtl.torch.Tensor;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A head as a class of transformers has it.
 *
 * @param task whose head it is
 * @param kind of the class
 * @param tensors the head's parameters by the names of the class, owned by the model
 */
record TransformersHead(Task task, Kind kind, Map<String, Tensor> tensors) {
    /** What comes behind the family in the name of a class. */
    enum Kind {
        TOKENS("ForTokenClassification"),
        ANSWERS("ForQuestionAnswering"),
        MASKED("ForMaskedLM"),
        TEXTS("ForSequenceClassification");

        private final String className;

        Kind(String className) {
            this.className = className;
        }

        /** Whether the class has the task's labels. */
        boolean isLabelled() {
            return this == TOKENS || this == TEXTS;
        }
    }

    /** The class, such as {@code BertForTokenClassification}. */
    static String className(MultiTaskModel model, Kind kind) {
        return model.backboneConfig().modelType().transformersClass(kind.className);
    }

    /**
     * The head of a task.
     *
     * @param config of the backbone, {@code config.json}
     * @throws ConfigurationException if there is no such task, or no class of transformers computes
     *     what its head does
     */
    static TransformersHead of(MultiTaskModel model, String name, JsonNode config) {
        var task = model.tasks().get(name);
        var head =
                task != null && isOfCheckpoint(task)
                        ? pretrained(model, task, config)
                        : linear(model, LinearHead.of(model, name));
        if (!model.backboneConfig().modelType().hasLinearClassifier()) {
            throw new ConfigurationException(
                    ("task '%s': %s of transformers has another layer before its classifier, that"
                         + " this model does not have, so its logits would differ. The directory of"
                         + " the model itself has the encoder as transformers and"
                         + " sentence-transformers read it")
                            .formatted(name, className(model, head.kind())));
        }
        return head;
    }

    /** Whether each parameter of a head names the tensors of pretrained heads that it can be. */
    private static boolean isOfCheckpoint(Task task) {
        var parameters = task.head().parameters();
        return task.layers().isLast()
                && task.head().linear().isEmpty()
                && !parameters.isEmpty()
                && parameters.stream()
                        .allMatch(spec -> spec.initializer() instanceof Initializer.Pretrained);
    }

    private static TransformersHead linear(MultiTaskModel model, LinearHead head) {
        var task = head.task();
        long classes = head.bias().size(0);
        var input = head.form().input();
        if (input == HeadInput.PAIR_TOKENS && classes == 2 && task.labels().isEmpty()) {
            return new TransformersHead(task, Kind.ANSWERS, tensors(head, "qa_outputs."));
        }
        if (input != HeadInput.TOKENS) {
            throw new ConfigurationException(
                    ("task '%s': its head reads the sentence embedding (%s), but %s of transformers"
                         + " reads another vector, a layer on the first token, that this model does"
                         + " not have, so its logits would differ: a head that is trained with"
                         + " pooler: tanh has that layer. --to onnx includes this head; in Python,"
                         + " sentence-transformers gives the embedding that its weights are"
                         + " multiplied by")
                            .formatted(
                                    task.name(),
                                    model.readout().describe(),
                                    className(model, Kind.TEXTS)));
        }
        if (task.labels().size() != classes) {
            throw new ConfigurationException(
                    ("task '%s': its head has %d labels and %d logits for a token; "
                                    + "%s needs one label for each logit")
                            .formatted(
                                    task.name(),
                                    task.labels().size(),
                                    classes,
                                    className(model, Kind.TOKENS)));
        }
        return new TransformersHead(task, Kind.TOKENS, tensors(head, "classifier."));
    }

    private static Map<String, Tensor> tensors(LinearHead head, String prefix) {
        var tensors = new LinkedHashMap<String, Tensor>();
        tensors.put(prefix + "weight", head.weight());
        tensors.put(prefix + "bias", head.bias());
        return tensors;
    }

    private static TransformersHead pretrained(MultiTaskModel model, Task task, JsonNode config) {
        var type = model.backboneConfig().modelType();
        var kind = task.head().masks() ? Kind.MASKED : Kind.TEXTS;
        var prefixes = kind == Kind.MASKED ? ofMasked(type) : ofTexts(type);
        var wanted = kind == Kind.MASKED ? "gelu" : pooler(type);
        var has =
                kind == Kind.MASKED
                        ? config.path("hidden_act").asText("gelu")
                        : JsonFiles.tree(task.settings()).path("pooler").asText();
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var spec : task.head().parameters()) {
            if (spec.initializer() instanceof Initializer.Pretrained pretrained) {
                pretrained.names().stream()
                        .filter(name -> prefixes.stream().anyMatch(name::startsWith))
                        .findFirst()
                        .ifPresent(
                                name ->
                                        tensors.put(
                                                name,
                                                model.parameters()
                                                        .in(task.prefix())
                                                        .get(spec.name())));
            }
        }
        if (tensors.size() != task.head().parameters().size()
                || !has.toLowerCase(Locale.ROOT).equals(wanted)) {
            throw new ConfigurationException(
                    "task '%s': %s of transformers has other layers or another activation (%s) than"
                                    .formatted(task.name(), className(model, kind), wanted)
                            + " this head (%s), so its logits would differ".formatted(has));
        }
        return new TransformersHead(task, kind, tensors);
    }

    private static List<String> ofMasked(ModelType type) {
        return switch (type) {
            case BERT, ERNIE -> List.of("cls.predictions.");
            case ROBERTA, XLM_ROBERTA, CAMEMBERT, MPNET -> List.of("lm_head.");
            case DISTILBERT -> List.of("vocab_");
            case ELECTRA -> List.of("generator_");
            default -> List.of();
        };
    }

    private static List<String> ofTexts(ModelType type) {
        return switch (type) {
            case BERT, ERNIE ->
                    List.of(
                            type.prefix() + ".pooler.dense.",
                            "classifier.weight",
                            "classifier.bias");
            case ROBERTA, XLM_ROBERTA, CAMEMBERT, MPNET, ELECTRA ->
                    List.of("classifier.dense.", "classifier.out_proj.");
            case DISTILBERT -> List.of("pre_classifier.", "classifier.weight", "classifier.bias");
            case DEBERTA_V2 -> List.of("pooler.dense.", "classifier.weight", "classifier.bias");
            default -> List.of();
        };
    }

    /** The activation behind the first token's layer. */
    private static String pooler(ModelType type) {
        return switch (type) {
            case ELECTRA, DEBERTA_V2 -> "gelu";
            case DISTILBERT -> "relu";
            default -> "tanh";
        };
    }
}
