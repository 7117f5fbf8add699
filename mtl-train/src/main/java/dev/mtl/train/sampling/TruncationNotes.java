package dev.mtl.train.sampling;

import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.train.loading.TokenizedDataset;

import java.util.List;
import java.util.stream.Stream;

/** Tells users of which texts a model reads only the beginning. */
public final class TruncationNotes {
    private TruncationNotes() {}

    /**
     * Notes on data that is scored, of which token heads read everything, in windows.
     *
     * @return one for each dataset with texts that are truncated
     */
    public static List<String> inEvaluation(MultiTaskModel model, List<TokenizedDataset> datasets) {
        return datasets.stream()
                .flatMap(
                        dataset ->
                                note(
                                        dataset,
                                        model,
                                        dataset.tasks().stream()
                                                .filter(task -> !model.task(task).isWindowed())
                                                .toList(),
                                        "is scored by",
                                        "are scored by"))
                .toList();
    }

    /** Notes on training data, in which windows have replaced long texts. */
    static List<String> inTraining(MultiTaskModel model, List<TokenizedDataset> datasets) {
        return datasets.stream()
                .flatMap(
                        dataset ->
                                note(dataset, model, dataset.tasks(), "learns from", "learn from"))
                .toList();
    }

    private static Stream<String> note(
            TokenizedDataset dataset,
            MultiTaskModel model,
            List<String> tasks,
            String one,
            String several) {
        var encodings =
                dataset.examples().stream()
                        .flatMap(example -> example.sequences(model, tasks).stream())
                        .toList();
        long truncated = encodings.stream().filter(encoding -> encoding.truncated()).count();
        return truncated == 0 || tasks.isEmpty()
                ? Stream.empty()
                : Stream.of(
                        "%d of %d texts of %s are longer than max_length %d: %s %s their beginnings only"
                                .formatted(
                                        truncated,
                                        encodings.size(),
                                        dataset.source(),
                                        model.maxLength(),
                                        String.join(", ", tasks),
                                        tasks.size() == 1 ? one : several));
    }
}
