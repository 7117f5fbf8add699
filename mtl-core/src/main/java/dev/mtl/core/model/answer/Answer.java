package dev.mtl.core.model.answer;

import dev.mtl.core.head.Prediction;

import org.jspecify.annotations.Nullable;

import java.util.SequencedMap;

/**
 * What a model says of one example.
 *
 * @param embeddings sentence embeddings of H numbers: one for each text, or one of the two texts
 *     read together if no head reads them one by one; null if they were not asked for
 * @param tokenEmbeddings an embedding of H numbers for each token of the first text, special tokens
 *     included; null if they were not asked for
 * @param predictions by task
 */
public record Answer(
        float @Nullable [][] embeddings,
        float @Nullable [][] tokenEmbeddings,
        SequencedMap<String, Prediction> predictions) {}
