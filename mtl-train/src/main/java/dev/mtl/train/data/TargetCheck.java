package dev.mtl.train.data;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.head.TokenizedTexts;
import dev.mtl.core.head.UnknownLabelsException;
import dev.mtl.core.model.Task;
import dev.mtl.train.config.DataConfig.OnBadRow;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.format.Abbreviated;
import dev.mtl.train.format.BadRowException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Whether what the data says is what the heads of its tasks can learn and be scored by: asked
 * before an epoch is spent, with the file and line in hand.
 */
public final class TargetCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TargetCheck.class);

    private final Map<String, Task> tasks;
    private final Set<String> skipping;
    private final Function<Example, TokenizedTexts> tokenizer;

    /**
     * Prepares.
     *
     * @param tasks by name, with their heads
     * @param configs of these tasks: what becomes of rows with labels that training has not seen
     * @param tokenizer the model's, which cuts texts to {@code max_length}
     */
    public TargetCheck(
            Map<String, Task> tasks,
            Collection<TaskConfig> configs,
            Function<Example, TokenizedTexts> tokenizer) {
        this.tasks = Map.copyOf(tasks);
        this.tokenizer = tokenizer;
        this.skipping =
                configs.stream()
                        .filter(config -> config.data().onBadRow() == OnBadRow.SKIP)
                        .map(TaskConfig::name)
                        .collect(Collectors.toSet());
    }

    /**
     * Looks at every example.
     *
     * @return the groups, without the examples that are left out
     * @throws ConfigurationException for a target of a kind that a head cannot do with
     * @throws BadRowException for a label that training has not seen, unless all tasks of the text
     *     say {@code on_bad_row: skip}
     */
    public List<Dataset> check(List<Dataset> groups) {
        return groups.stream().map(this::check).toList();
    }

    private Dataset check(Dataset group) {
        var kept = new ArrayList<Example>();
        for (var example : group.examples()) {
            if (isKnown(group, example)) {
                kept.add(example);
            }
        }
        int all = group.examples().size();
        if (kept.isEmpty()) {
            throw new MtlException(
                    group.source() + ": no row has labels that the training data has, too");
        }
        if (kept.size() < all) {
            LOG.warn(
                    "{}: {} of {} rows left out: the training data does not have their labels",
                    group.source(),
                    all - kept.size(),
                    all);
        }
        return new Dataset(group.source(), group.tasks(), kept);
    }

    private boolean isKnown(Dataset group, Example example) {
        var texts = tokenizer.apply(example);
        for (var name : group.tasks()) {
            var task = Objects.requireNonNull(tasks.get(name), name);
            var unknown = unknownLabels(task, example, texts);
            if (!unknown.isEmpty()) {
                var message =
                        example.place()
                                + ": task '"
                                + name
                                + "': the training data does not have "
                                + Abbreviated.of(String.join(", ", unknown));
                if (!skipping.containsAll(group.tasks())) {
                    throw new BadRowException(
                            message
                                    + " ("
                                    + "data.on_bad_row: skip leaves such rows out of the scores)");
                }
                LOG.warn("left out: {}", message);
                return false;
            }
        }
        return true;
    }

    /**
     * The labels of an example that training has not seen.
     *
     * @throws ConfigurationException if the head cannot do with the target at all
     */
    static List<String> unknownLabels(Task task, Example example, TokenizedTexts texts) {
        var target = Objects.requireNonNull(example.targets().get(task.name()));
        try {
            task.encodeTarget(target, texts);
            return List.of();
        } catch (UnknownLabelsException e) {
            return e.labels();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    "tasks." + task.name() + ": " + example.place() + ": " + e.getMessage(), e);
        }
    }
}
