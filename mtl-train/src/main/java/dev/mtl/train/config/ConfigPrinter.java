package dev.mtl.train.config;

import dev.mtl.core.head.ClassWeights;
import dev.mtl.train.config.yaml.RecordBinder;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Prints a complete configuration, with every default and a comment per key. Reading it back gives
 * the same configuration.
 */
public final class ConfigPrinter {
    private static final Map<String, String> MEANINGS =
            Map.ofEntries(
                    Map.entry("model.backbone", "store name, directory, hf:... or maven:..."),
                    Map.entry("model.init_from", "a trained model to go on from, with its heads"),
                    Map.entry("model.pooling", "mean | cls | max | ..., over real tokens"),
                    Map.entry("model.normalization", "none | l2 | layer_norm"),
                    Map.entry("model.truncate_dim", "first dimensions that heads read; null: all"),
                    Map.entry("model.max_length", "tokens, [CLS] and [SEP] included"),
                    Map.entry("model.prompt", "name of a prompt of the backbone; null: none"),
                    Map.entry("loss_weight", "weight of this task's loss in the sum"),
                    Map.entry("on_unknown_label", "fail | skip | wrong, in data to be scored"),
                    Map.entry("dropout", "probability, while training"),
                    Map.entry("decoding", "constrained: valid in BIO2 | greedy: word by word"),
                    Map.entry("crf", "tags scored jointly, by a linear-chain CRF"),
                    Map.entry("symmetric", "texts find their anchors, too"),
                    Map.entry("skip_duplicates", "texts that are the same are no negatives"),
                    Map.entry("false_negative_margin", "of cosines; null: all texts are negatives"),
                    Map.entry("guide", "model of that margin's cosines; null: the encoder"),
                    Map.entry("teacher", "name or folder of the model to learn from"),
                    Map.entry("teacher_size", "of its embeddings; null: as they are"),
                    Map.entry("matryoshka", "dimensions that are trained beside all"),
                    Map.entry("focal_gamma", "0: none; >= 1: what is right counts less"),
                    Map.entry("label_smoothing", "probability distributed over all labels"),
                    Map.entry("class_weights", "{label: weight}, or balanced by their counts"),
                    Map.entry("data.format", "jointbert | conll | csv | tsv | jsonl | ..."),
                    Map.entry("data.column", "what the task learns"),
                    Map.entry("data.text_column", "null: the format's default"),
                    Map.entry("data.separator", "of columns; null: the format's default"),
                    Map.entry("data.columns", "names, if the file has no header"),
                    Map.entry("data.comment", "prefix of comment lines; null: none"),
                    Map.entry("data.label_separator", "null: a field is one label"),
                    Map.entry(
                            "data.kind",
                            "label | labels | value | entities | none; null: by the format"),
                    Map.entry("data.validation_split", "share of train held out; 0: none"),
                    Map.entry("data.test_split", "share of train held out; 0: none"),
                    Map.entry("data.streaming", "train is read in each epoch, not kept in memory"),
                    Map.entry("data.buffer_size", "rows that streaming shuffles at once"),
                    Map.entry("data.retrieval.queries", "JSON lines; null: nothing is searched"),
                    Map.entry("data.retrieval.corpus", "JSON lines with _id and text"),
                    Map.entry("data.retrieval.relevant", "query, text, relevance"),
                    Map.entry("data.retrieval.k", "scores of the first so many texts"),
                    Map.entry("data.header", "true | false; null: unless columns names them"),
                    Map.entry("data.quoting", "rfc4180 | none"),
                    Map.entry("data.extra_fields", "fail | ignore, behind the last column"),
                    Map.entry("data.names", "the labels that column has as numbers, from 0"),
                    Map.entry("data.markup", "entities in the texts: [label : text]; null: none"),
                    Map.entry("data.span_end", "exclusive | inclusive"),
                    Map.entry("data.offsets", "utf16 | codepoint, as Python counts"),
                    Map.entry("data.on_bad_row", "fail | skip"),
                    Map.entry("training.epochs", "passes over the data; ignored with max_steps"),
                    Map.entry("training.max_steps", "optimizer steps; null: by epochs"),
                    Map.entry("training.batch_size", "texts in a micro-batch"),
                    Map.entry(
                            "training.gradient_accumulation_steps",
                            "micro-batches whose gradients make one step"),
                    Map.entry("training.base_lr", "learning rate of the heads"),
                    Map.entry(
                            "training.layer_lr_decay",
                            "each lower layer's rate is this times the one above"),
                    Map.entry("training.weight_decay", "not for biases and LayerNorms"),
                    Map.entry("training.warmup_ratio", "share of the steps; the rate rises from 0"),
                    Map.entry("training.warmup_steps", "null: by warmup_ratio"),
                    Map.entry("head_lr", "learning rate of this head; null: base_lr"),
                    Map.entry(
                            "training.schedule",
                            "constant | linear | cosine | polynomial, after the warmup"),
                    Map.entry("training.max_grad_norm", "global norm; 0: no limit"),
                    Map.entry("training.precision", "fp32 | bf16; the weights are float32"),
                    Map.entry(
                            "training.gradient_checkpointing",
                            "recompute layers in the backward pass: less memory, more time"),
                    Map.entry("training.gradient_cache", "texts at once in the encoder; null: all"),
                    Map.entry(
                            "training.freezing.policy", "none | full | backbone | heads | layers"),
                    Map.entry("training.freezing.heads", "tasks, for the policy heads"),
                    Map.entry("training.freezing.layers.frozen", "range such as 1-4"),
                    Map.entry("training.freezing.layers.gradual", "unfrozen from the top"),
                    Map.entry("training.freezing.layers.always", "train from the first step"),
                    Map.entry("training.freezing.unfreeze_every", "even | 1 epoch | 200 steps"),
                    Map.entry("training.freezing.frozen_dropout", "dropout in frozen layers too"),
                    Map.entry(
                            "training.adapter.type",
                            "none | lora: trains in place of the backbone"),
                    Map.entry("training.adapter.rank", "of its matrices"),
                    Map.entry("training.adapter.alpha", "their product counts alpha / rank"),
                    Map.entry("training.adapter.targets", "linear layers, or all-linear"),
                    Map.entry("training.adapter.dropout", "of what they read, while training"),
                    Map.entry("training.adapter.per_task", "an adapter for each task"),
                    Map.entry("training.adapter.merge", "into the weights; null: unless per_task"),
                    Map.entry("training.adapter.init_from", "a directory of PEFT; null: new"),
                    Map.entry(
                            "training.sampling",
                            "proportional | uniform | temperature | round_robin | all"),
                    Map.entry("training.sampling_exponent", "temperature: 1 by size, 0 uniform"),
                    Map.entry(
                            "training.loss_balance",
                            "static | uncertainty | dwa | pcgrad | gradnorm | cagrad | famo |"
                                    + " nash_mtl"),
                    Map.entry("training.gradnorm_alpha", "larger: slow tasks weigh more"),
                    Map.entry("training.cagrad_c", "0: the plain sum, to below 1"),
                    Map.entry("training.balance_lr", "of the weights of gradnorm and famo"),
                    Map.entry("training.dwa_temperature", "larger: more equal weights"),
                    Map.entry("training.uncertainty_lr", "learning rate of the variances"),
                    Map.entry("training.weight_average", "decay, such as 0.999; 0: none"),
                    Map.entry(
                            "training.average_checkpoints",
                            "mean of the last, at the end; null: none"),
                    Map.entry("training.r_drop", "weight of two passes' divergence; 0: one pass"),
                    Map.entry("training.evaluate_every", "1 epoch | 200 steps; and at the end"),
                    Map.entry(
                            "training.best_metric",
                            "mean | joint_accuracy | TASK.SCORE | mean(T.S, ...)"),
                    Map.entry(
                            "training.early_stopping_patience",
                            "evaluations without improvement; null: never stop early"),
                    Map.entry("training.checkpoint_every", "1 epoch | 200 steps | never"),
                    Map.entry("training.on_non_finite", "stop | skip"),
                    Map.entry("training.seeds", "of several runs, DIR.seed-N each; []: one run"),
                    Map.entry("training.deterministic", "same bits with any number of workers"),
                    Map.entry(
                            "training.shard_optimizer",
                            "each of several processes updates a part of the weights"),
                    Map.entry(
                            "training.exchange_precision",
                            "fp32 | bf16: gradients between processes"),
                    Map.entry("training.device", "cpu | cuda | cuda:N | auto"),
                    Map.entry("training.workers", "batches at once on a CPU; null: one a core"),
                    Map.entry("output.dir", "the best model; checkpoints and records: DIR.run"),
                    Map.entry("output.keep", "earlier models kept as DIR.v1, ...; 0: none"));

    private final StringBuilder out = new StringBuilder();

    private ConfigPrinter() {}

    /** The configuration as YAML. */
    public static String print(RunConfig config) {
        var printer = new ConfigPrinter();
        printer.out.append("model:\n");
        printer.record(config.model(), "model", 1);
        printer.out.append("tasks:\n");
        config.tasks().values().forEach(printer::task);
        printer.out.append("training:\n");
        printer.record(config.training(), "training", 1);
        printer.out.append("output:\n");
        printer.record(config.output(), "output", 1);
        return printer.out.toString();
    }

    private void task(TaskConfig task) {
        out.append("  ").append(task.name()).append(":\n");
        line("head", task.head(), "", 2);
        line("loss_weight", task.lossWeight(), "loss_weight", 2);
        line("head_lr", task.headLr(), "head_lr", 2);
        write("layers", task.layers().toString(), "layers", 2);
        line("on_unknown_label", task.onUnknownLabel(), "on_unknown_label", 2);
        record(task.settings(), "", 2);
        out.append("    data:\n");
        data(task.data());
    }

    private void data(DataConfig data) {
        write("format", data.settings().name(), "data.format", 3);
        line("train", data.train(), "data.train", 3);
        line("validation", data.validation(), "data.validation", 3);
        line("test", data.test(), "data.test", 3);
        line("validation_split", data.validationSplit(), "data.validation_split", 3);
        line("test_split", data.testSplit(), "data.test_split", 3);
        line("streaming", data.streaming(), "data.streaming", 3);
        line("buffer_size", data.bufferSize(), "data.buffer_size", 3);
        out.append("      retrieval:\n");
        record(data.retrieval(), "data.retrieval", 4);
        data.settings().keys().forEach(keys -> record(keys, "data", 3));
        line("on_bad_row", data.onBadRow(), "data.on_bad_row", 3);
    }

    private void record(Record record, String path, int depth) {
        for (var component : record.getClass().getRecordComponents()) {
            var key = RecordBinder.snakeCase(component.getName());
            var value = RecordBinder.component(record, component);
            if (value instanceof Record nested && component.getType().isRecord()) {
                out.append("  ".repeat(depth)).append(key).append(":\n");
                record(nested, RecordBinder.join(path, key), depth + 1);
            } else {
                line(key, value, RecordBinder.join(path, key), depth);
            }
        }
    }

    private void line(String key, @Nullable Object value, String path, int depth) {
        write(key, scalar(value), path, depth);
    }

    private void write(String key, String value, String path, int depth) {
        var text = "  ".repeat(depth) + key + ": " + value;
        var meaning = MEANINGS.get(path);
        out.append(meaning == null ? text : String.format(Locale.ROOT, "%-48s # %s", text, meaning))
                .append('\n');
    }

    private static String scalar(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT);
            case String text -> quoted(text);
            case ClassWeights weights -> scalar(weights.written());
            case Map<?, ?> map ->
                    map.entrySet().stream()
                            .map(e -> scalar(e.getKey()) + ": " + scalar(e.getValue()))
                            .collect(Collectors.joining(", ", "{", "}"));
            case List<?> list -> list.stream().map(ConfigPrinter::scalar).toList().toString();
            default -> value.toString();
        };
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\', '"' -> quoted.append('\\').append(c);
                // YAML needs line ends and control characters escaped.
                case '\u2028', '\u2029', '\uFEFF' -> quoted.append(escaped(c));
                default -> quoted.append(Character.isISOControl(c) ? escaped(c) : c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String escaped(char c) {
        return String.format(Locale.ROOT, "\\u%04X", (int) c);
    }
}
