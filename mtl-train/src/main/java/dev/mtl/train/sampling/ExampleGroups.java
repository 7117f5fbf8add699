package dev.mtl.train.sampling;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.loading.TrainingData;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The examples of a data set that a loss compares with each other: those with the same first text.
 *
 * @param places of the examples of each group, in the order of the data
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ExampleGroups(int[][] places) {
    /**
     * Groups the examples of a data set.
     *
     * @throws ConfigurationException if they are streamed, or no two belong together
     */
    static ExampleGroups of(TrainingData data, MultiTaskModel model) {
        var task =
                data.tasks().stream()
                        .filter(name -> model.task(name).head().groupsExamples())
                        .findFirst()
                        .orElseThrow();
        if (!(data instanceof TokenizedDataset dataset)) {
            throw new ConfigurationException(
                    "tasks."
                            + task
                            + ": its loss compares all rows with the same first text, which"
                            + " data.streaming: true does not keep together; leave it out");
        }
        var byText = new LinkedHashMap<String, List<Integer>>();
        for (int i = 0; i < dataset.size(); i++) {
            byText.computeIfAbsent(
                            dataset.examples().get(i).texts().getFirst().text().text(),
                            text -> new ArrayList<>())
                    .add(i);
        }
        if (byText.size() == dataset.size()) {
            throw new ConfigurationException(
                    "tasks."
                            + task
                            + ": its loss compares rows with the same first text, and "
                            + dataset.source()
                            + " has none: text_columns names the query first, then the text that"
                            + " belongs to it, and each query has a row for each of its texts");
        }
        return new ExampleGroups(
                byText.values().stream()
                        .map(group -> group.stream().mapToInt(Integer::intValue).toArray())
                        .toArray(int[][]::new));
    }

    /**
     * Batches of exactly some groups.
     *
     * @param lengths of all examples, in tokens
     */
    BatchSampler.Source source(int[] lengths, int batchSize) {
        var ofGroups =
                Arrays.stream(places)
                        .mapToInt(
                                group -> Arrays.stream(group).map(i -> lengths[i]).max().orElse(0))
                        .toArray();
        return new BatchSampler.Source(
                places.length, ofGroups, batchSize, BatchSplit.FIXED_SIZE, places);
    }
}
