package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Tokenizes the texts of datasets and encodes their targets. Whatever a head cannot learn from or
 * be scored by is reported here, with file and line, before training.
 */
public final class DatasetEncoder {
    private final TextTokenizer tokenizer;
    private final Map<String, Task> tasks;
    private final Map<String, OnUnknownLabel> onUnknownLabel;
    private final SkippedRows skipped;

    /**
     * Encodes for a model.
     *
     * @param configs of its tasks: {@code on_unknown_label} decides about labels that the training
     *     data does not have
     */
    public DatasetEncoder(MultiTaskModel model, Collection<TaskConfig> configs) {
        this(model, configs, new SkippedRows());
    }

    /**
     * The same with a count of the rows that are left out.
     *
     * @param skipped is told of them
     */
    public DatasetEncoder(
            MultiTaskModel model, Collection<TaskConfig> configs, SkippedRows skipped) {
        this(model.tokenizer(), model.tasks(), configs, skipped);
    }

    DatasetEncoder(
            TextTokenizer tokenizer,
            Map<String, Task> tasks,
            Collection<TaskConfig> configs,
            SkippedRows skipped) {
        this.tokenizer = tokenizer;
        this.tasks = Map.copyOf(tasks);
        this.skipped = skipped;
        this.onUnknownLabel =
                configs.stream()
                        .collect(Collectors.toMap(TaskConfig::name, TaskConfig::onUnknownLabel));
    }

    /**
     * Encodes datasets to be scored. A target with unknown labels that count as wrong stays with
     * its example, and is not encoded.
     *
     * @return the datasets, without examples that all tasks leave out
     * @throws ConfigurationException if a head takes another number of texts, or cannot use a
     *     target of its data at all
     * @throws BadRowException for a label that the training data does not have, if its task says
     *     {@code on_unknown_label: fail}
     */
    public List<TokenizedDataset> encode(List<Dataset> datasets) {
        return datasets.stream().map(dataset -> encode(dataset, OnUnknownLabel.WRONG)).toList();
    }

    /**
     * Encodes datasets to learn from. A head may have its labels from elsewhere than this data;
     * what it does not know, it cannot learn: {@code on_unknown_label: wrong} means {@code fail}.
     *
     * @return the datasets, without examples that all tasks leave out
     * @throws ConfigurationException as {@link #encode}
     * @throws BadRowException for a label that a head does not have, unless its task says {@code
     *     on_unknown_label: skip}
     */
    public List<TokenizedDataset> encodeTraining(List<Dataset> datasets) {
        return datasets.stream().map(dataset -> encode(dataset, OnUnknownLabel.FAIL)).toList();
    }

    /**
     * Encodes one example to learn from, on any thread.
     *
     * @param source of its data set, for messages
     * @param names of the tasks of its data set
     * @return without targets that tasks leave out
     * @throws ConfigurationException as {@link #encode}
     * @throws BadRowException as {@link #encodeTraining}
     */
    public TokenizedExample encodeTraining(Example example, String source, List<String> names) {
        var texts = example.texts().stream().map(tokenizer::tokenize).toList();
        return encode(
                new TokenizedExample(example, texts, Map.of()),
                names,
                OnUnknownLabel.FAIL,
                new UnknownLabels(source));
    }

    /**
     * Requires that the heads of some tasks take so many texts.
     *
     * @throws ConfigurationException if one takes another number
     */
    public void requireArity(List<String> names, int texts) {
        ArityCheck.require(tasks, names, texts);
    }

    private TokenizedDataset encode(Dataset dataset, OnUnknownLabel wrong) {
        requireArity(dataset.tasks(), dataset.examples().getFirst().texts().size());
        var tokenized = TokenizedDataset.of(dataset, tokenizer);
        var unknown = new UnknownLabels(dataset.source());
        var encoded = new ArrayList<TokenizedExample>();
        for (var example : tokenized.examples()) {
            var own = encode(example, dataset.tasks(), wrong, unknown);
            if (own.example().targets().isEmpty()) {
                unknown.skipRow();
            } else {
                encoded.add(own);
            }
        }
        unknown.log(dataset.examples().size());
        for (var task : dataset.tasks()) {
            if (encoded.stream().noneMatch(own -> own.example().targets().containsKey(task))) {
                throw new MtlException(
                        "%s: task '%s': no row has labels that the training data has, too"
                                .formatted(dataset.source(), task));
            }
        }
        return tokenized.withExamples(encoded);
    }

    private TokenizedExample encode(
            TokenizedExample example,
            List<String> names,
            OnUnknownLabel wrong,
            UnknownLabels unknown) {
        var own = example.example();
        var kept = new HashMap<>(own.targets());
        var targets = new HashMap<String, Object>();
        for (var name : names) {
            if (!kept.containsKey(name)) {
                continue; // the reader has said why
            }
            try {
                targets.put(name, example.encodeTarget(Objects.requireNonNull(tasks.get(name))));
            } catch (UnknownLabelsException e) {
                var chosen = onUnknownLabel.getOrDefault(name, OnUnknownLabel.WRONG);
                switch (chosen == OnUnknownLabel.WRONG ? wrong : chosen) {
                    case FAIL -> throw new BadRowException(unknown.failure(own, name, e, wrong));
                    case SKIP -> {
                        kept.remove(name);
                        unknown.skip(own, name, e);
                        skipped.add(unknown.source(), own.id());
                    }
                    case WRONG -> unknown.countAsWrong(own, name, e);
                }
            }
        }
        return new TokenizedExample(
                kept.size() == own.targets().size()
                        ? own
                        : new Example(own.id(), own.place(), own.texts(), kept),
                example.texts(),
                targets);
    }
}
