package dev.mtl.core.model;

import dev.mtl.core.head.HeadInput;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.store.ModelStore;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code README.md} of a model: its scores, and how to use it from Java and from Python.
 *
 * @param name of the model's directory
 */
record ModelCard(String name, ModelMetadata about) {

    String write() {
        return CardMetadata.of(name, about)
                + introduction()
                + origin()
                + tasks()
                + java()
                + python()
                + files();
    }

    private String introduction() {
        var model = about.model();
        var config = model.backboneConfig();
        return """

        # %s

        One BERT sentence encoder (%d layers, hidden size %d, at most %d tokens, %s) and the heads of %d task%s, trained together with MTL (%s) from %s.

        """
                .formatted(
                        name,
                        config.numHiddenLayers(),
                        config.hiddenSize(),
                        model.maxLength(),
                        model.readout().describe(),
                        model.tasks().size(),
                        model.tasks().size() == 1 ? "" : "s",
                        about.version(),
                        backbone());
    }

    /** What the training went on from: the directory without its place. */
    private String origin() {
        return about.origin()
                .map(
                        o ->
                                "Training went on from the trained model `%s`%s%s%s.\n\n"
                                        .formatted(
                                                Path.of(o.directory()).getFileName(),
                                                list("; kept heads: ", o.kept()),
                                                list("; new heads: ", o.added()),
                                                list("; dropped heads: ", o.dropped())))
                .orElse("");
    }

    private static String list(String before, List<String> tasks) {
        return tasks.isEmpty() ? "" : before + String.join(", ", tasks);
    }

    /** The name of a model that others have too, else of a directory without its place. */
    private String backbone() {
        var backbone = about.backbone();
        return ModelStore.hubName(backbone).isPresent() || backbone.startsWith("maven:")
                ? "`" + backbone + "`"
                : "a local directory `" + Path.of(backbone).getFileName() + "`";
    }

    private String tasks() {
        var text = new StringBuilder("| task | head | labels | scores |\n|---|---|---|---|\n");
        for (var task : about.model().tasks().values()) {
            var scores = about.scores().map(s -> s.tasks().getOrDefault(task.name(), Map.of()));
            text.append(
                    "| %s | %s%s | %d | %s |\n"
                            .formatted(
                                    task.name(),
                                    task.type(),
                                    ModelMetadata.plugin(task)
                                            .map(p -> " (of " + p.get("jar") + ")")
                                            .orElse(""),
                                    task.labels().size(),
                                    scores.map(ModelCard::describe).orElse("")));
        }
        text.append(
                about.scores()
                        .map(ModelCard::conditions)
                        .orElse("\nThis model was not scored when it was saved.\n"));
        about.scores().map(ModelWriter.Scores::test).ifPresent(test -> text.append(test(test)));
        return text.toString();
    }

    private static String test(ModelWriter.Scores test) {
        var text =
                new StringBuilder(
                        "\nOn %d texts of test data, which chose nothing:\n\n| task | scores |\n|---|---|\n"
                                .formatted(test.texts()));
        test.tasks()
                .forEach(
                        (task, scores) ->
                                text.append("| %s | %s |\n".formatted(task, describe(scores))));
        test.jointAccuracy()
                .ifPresent(
                        joint ->
                                text.append(
                                        String.format(
                                                Locale.ROOT,
                                                "| all tasks | joint accuracy %.4f |\n",
                                                joint)));
        return text.toString();
    }

    private static String describe(Map<String, Double> scores) {
        return scores.entrySet().stream()
                .map(s -> String.format(Locale.ROOT, "%s %.4f", s.getKey(), s.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String conditions(ModelWriter.Scores scores) {
        var text =
                ("\nScores are of %d texts of validation data, which also chose this model (step"
                                + " %d).")
                        .formatted(scores.texts(), scores.step());
        if (scores.tasks().values().stream().anyMatch(own -> own.containsKey("ece"))) {
            text +=
                    " `ece` is the expected calibration error of a task's probabilities (15 bins"
                            + " of equal width); `ece_uncalibrated` is that without the"
                            + " temperature that was fitted to these texts.";
        }
        var joint = scores.jointAccuracy();
        if (joint.isPresent()) {
            text +=
                    String.format(
                            Locale.ROOT,
                            " On a share of %.4f of the texts every task was right.",
                            joint.getAsDouble());
        }
        return text + "\n";
    }

    private String java() {
        return """

        ## Java

        ```java
        import dev.mtl.core.pipeline.Pipeline;

        void main() {
            try (var pipeline = Pipeline.load(Path.of("%1$s"))) {
                for (var analysis : pipeline.analyze(List.of("a text", "another"))) {
                    IO.println(analysis);
                }
            }
        }
        ```

        Or `mtl predict --model %1$s "a text"`, and `mtl embed --model %1$s "a text"` for the sentence embedding.
        """
                .formatted(name);
    }

    private String python() {
        var text =
                new StringBuilder(
                        """

                        ## Python

                        ```python
                        from sentence_transformers import SentenceTransformer

                        embeddings = SentenceTransformer("%1$s").encode(["a text"])
                        ```
                        """
                                .formatted(name));
        for (var task : about.model().tasks().values()) {
            var form = task.head().linear();
            if (form.isPresent() && !hasLogitForEachLabel(task, form.get())) {
                text.append(
                        "\nThe head of `%s` has another number of logits than labels, so only MTL can run it.\n"
                                .formatted(task.name()));
            } else if (form.isEmpty()) {
                text.append(
                        "\nThe head of `%s` is not a linear layer, so only MTL can run it.\n"
                                .formatted(task.name()));
            } else if (form.get().input() == HeadInput.TOKENS) {
                text.append(
                        ("\n`mtl export --model %s --head %s --to transformers DIR` writes a"
                                        + " `%3$s` for the task `%2$s`.\n")
                                .formatted(
                                        name,
                                        task.name(),
                                        about.model()
                                                .backboneConfig()
                                                .modelType()
                                                .transformersClass("ForTokenClassification")));
            } else if (form.get().input().isOfPairs()) {
                text.append(
                        ("\nThe head of `%2$s` reads two texts together; `mtl export --model %1$s"
                                        + " --head %2$s --to onnx DIR` writes it.\n")
                                .formatted(name, task.name()));
            } else {
                text.append(logits(task, form.get()));
            }
        }
        return text.toString();
    }

    /** Other tools name logits by labels: such heads are not exported. */
    private boolean hasLogitForEachLabel(Task task, LinearForm form) {
        var bias = about.model().parameters().in(task.prefix()).get(form.bias());
        return bias.size(0) == task.labels().size()
                || (task.labels().isEmpty() && form.input() != HeadInput.TOKENS);
    }

    private String logits(Task task, LinearForm form) {
        return """

        The logits of `%1$s`, in the order of the labels in `heads/%1$s/head.json`:

        ```python
        from safetensors.numpy import load_file

        head = load_file("%2$s/heads/%1$s/head.safetensors")
        logits = %5$s @ head["%3$s"].T + head["%4$s"]
        ```
        """
                .formatted(task.name(), name, form.weight(), form.bias(), embeddings());
    }

    /** Python for what heads read: the whole embedding of the text alone. */
    private String embeddings() {
        var model = about.model();
        var more = "";
        if (about.sentences().defaultPromptName() != null && model.tokenizer().prompt() == null) {
            more += ", prompt=\"\"";
        }
        if (about.sentences().truncateDim() != null && model.readout().truncateDim() == null) {
            more +=
                    ", truncate_dim="
                            + model.readout().dimensions(model.backboneConfig().hiddenSize());
        }
        return more.isEmpty()
                ? "embeddings"
                : "SentenceTransformer(\"%s\").encode([\"a text\"]%s)".formatted(name, more);
    }

    private static String files() {
        return """

        ## Files

        `config.json`, `model.safetensors`, the tokenizer, `modules.json` and `1_Pooling` are the encoder as sentence-transformers and transformers read it; `heads/TASK` are the tasks' settings, labels and weights; `mtl.json` says what belongs together.
        """;
    }
}
