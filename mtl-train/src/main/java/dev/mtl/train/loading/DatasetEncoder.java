package dev.mtl.train.loading;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.format.BadRowException;
import dev.mtl.train.settings.DataSettings.OnBadRow;
import dev.mtl.train.tags.Abbreviated;

import org.slf4j.Logger;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tokenizes the texts of datasets and encodes their targets. Whatever a head cannot learn from or
 * be scored by is reported here, with file and line, before training.
 */
public final class DatasetEncoder {
    private static final Logger LOG = Loggers.of(DatasetEncoder.class);

    private final TextTokenizer tokenizer;
    private final Map<String, Task> tasks;
    private final Set<String> skipping;

    /**
     * Encodes for a model.
     *
     * @param configs of its tasks: their {@code data.on_bad_row} decides about examples with labels
     *     that the training data does not have
     */
    public DatasetEncoder(MultiTaskModel model, Collection<TaskConfig> configs) {
        this(model.tokenizer(), model.tasks(), configs);
    }

    DatasetEncoder(
            TextTokenizer tokenizer, Map<String, Task> tasks, Collection<TaskConfig> configs) {
        this.tokenizer = tokenizer;
        this.tasks = Map.copyOf(tasks);
        this.skipping =
                configs.stream()
                        .filter(config -> config.data().onBadRow() == OnBadRow.SKIP)
                        .map(TaskConfig::name)
                        .collect(Collectors.toSet());
    }

    /**
     * Encodes datasets.
     *
     * @return the datasets, without examples that are left out
     * @throws ConfigurationException if a head takes another number of texts, or cannot use a
     *     target of its data at all
     * @throws BadRowException for a label that the training data does not have, unless all tasks of
     *     the dataset say {@code on_bad_row: skip}
     */
    public List<TokenizedDataset> encode(List<Dataset> datasets) {
        return datasets.stream().map(this::encode).toList();
    }

    private TokenizedDataset encode(Dataset dataset) {
        ArityCheck.require(tasks, dataset);
        var tokenized = TokenizedDataset.of(dataset, tokenizer);
        var encoded = new ArrayList<TokenizedExample>();
        tokenized
                .examples()
                .forEach(example -> encode(example, dataset.tasks()).ifPresent(encoded::add));
        int all = dataset.examples().size();
        if (encoded.isEmpty()) {
            throw new MtlException(
                    dataset.source() + ": no row has labels that the training data has, too");
        }
        if (encoded.size() < all) {
            LOG.warn(
                    "{}: {} of {} rows skipped: the training data does not have their labels",
                    dataset.source(),
                    all - encoded.size(),
                    all);
        }
        return tokenized.withExamples(encoded);
    }

    private Optional<TokenizedExample> encode(TokenizedExample example, List<String> names) {
        var task = names.getFirst();
        try {
            var targets = new HashMap<String, Object>();
            for (var name : names) {
                task = name;
                targets.put(name, example.encodeTarget(Objects.requireNonNull(tasks.get(name))));
            }
            return Optional.of(new TokenizedExample(example.example(), example.texts(), targets));
        } catch (UnknownLabelsException e) {
            var message =
                    example.example().place()
                            + ": task '"
                            + task
                            + "': the training data does not have "
                            + Abbreviated.of(String.join(", ", e.labels()));
            if (!skipping.containsAll(names)) {
                throw new BadRowException(
                        message + " (data.on_bad_row: skip leaves such rows out of the scores)");
            }
            LOG.warn("skipped: {}", message);
            return Optional.empty();
        }
    }
}
