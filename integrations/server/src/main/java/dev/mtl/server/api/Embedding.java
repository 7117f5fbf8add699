package dev.mtl.server.api;

import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Body;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.Vectors;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How texts are to be embedded.
 *
 * @param cut whether texts that are too long are cut
 * @param cutStart whether their start is cut off, not their end
 * @param prompt the name of a prompt; null for the model's own
 * @param normalize whether vectors get length 1
 * @param dimensions how many are kept; null for all
 */
record Embedding(
        boolean cut,
        boolean cutStart,
        @Nullable String prompt,
        boolean normalize,
        @Nullable Integer dimensions) {
    static Embedding read(Body body) {
        return new Embedding(
                body.flag("truncate", true),
                cutsStart(body),
                body.text("prompt_name"),
                body.flag("normalize", true),
                body.count("dimensions"));
    }

    static boolean cutsStart(Body body) {
        var direction = body.text("truncation_direction");
        return switch (direction == null ? "right" : direction.toLowerCase(Locale.ROOT)) {
            case "left" -> true;
            case "right" -> false;
            default -> throw ApiException.invalid("`truncation_direction` is left or right");
        };
    }

    /** Vectors of length 1, as OpenAI's are. */
    static Embedding normalized(@Nullable Integer dimensions) {
        return new Embedding(true, false, null, true, dimensions);
    }

    /** The embeddings of texts. */
    float[][] of(List<String> texts, LoadedModel model) {
        if (dimensions != null && dimensions > model.pipeline().dimensions()) {
            throw ApiException.invalid(
                    "`dimensions` should be smaller than the maximum embedding dimension.");
        }
        var rows = model.pipeline().embed(readable(texts, model), prompt);
        Arrays.setAll(rows, i -> finish(rows[i]));
        return rows;
    }

    private float[] finish(float[] row) {
        var kept = dimensions == null ? row : Vectors.cut(row, dimensions);
        return normalize ? Vectors.normalized(kept) : kept;
    }

    /** The embeddings of the tokens of texts. */
    List<float[][]> ofTokens(List<String> texts, LoadedModel model) {
        return model.pipeline().embedTokens(readable(texts, model), prompt);
    }

    /** Texts that the model can read as they are, or may cut at their end. */
    List<String> readable(List<String> texts, LoadedModel model) {
        var tokenizer = model.pipeline().tokenizer();
        if (prompt != null && !tokenizer.prompts().contains(prompt)) {
            throw ApiException.invalid(
                    "`prompt_name` '" + prompt + "' is not one of " + tokenizer.prompts());
        }
        if (!cut) {
            for (var text : texts) {
                int tokens = tokenizer.count(text, prompt);
                if (tokens > model.pipeline().maxLength()) {
                    throw ApiException.invalid(
                            "`inputs` must have less than %d tokens. Given: %d"
                                    .formatted(model.pipeline().maxLength(), tokens));
                }
            }
        }
        return cutStart ? texts.stream().map(text -> tokenizer.end(text, prompt)).toList() : texts;
    }
}
