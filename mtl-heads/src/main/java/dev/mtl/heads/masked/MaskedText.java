package dev.mtl.heads.masked;

import dev.mtl.core.head.Prediction;
import dev.mtl.heads.Probabilities;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * How well the hidden tokens of a text were predicted; of a text that has masks itself, what may
 * stand in their places.
 *
 * @param tokens that were hidden
 * @param loss the sum of their negative log-likelihoods
 * @param right how many were the most probable ones
 * @param text that was read
 * @param masks that the text has itself
 */
record MaskedText(int tokens, double loss, int right, String text, List<FilledMask> masks)
        implements Prediction {
    MaskedText {
        masks = List.copyOf(masks);
    }

    /** The exponential of the mean loss; 1 without tokens. */
    double perplexity() {
        return tokens == 0 ? 1 : Math.exp(loss / tokens);
    }

    @Override
    public MaskedText withTokens(LongFunction<String> texts) {
        return masks.isEmpty()
                ? this
                : new MaskedText(
                        tokens,
                        loss,
                        right,
                        text,
                        masks.stream().map(mask -> mask.withTokens(texts)).toList());
    }

    @Override
    public Map<String, Object> toJson() {
        return toJson(1);
    }

    @Override
    public Map<String, Object> toJson(int topK) {
        var json = new LinkedHashMap<String, Object>();
        if (masks.isEmpty()) {
            json.put("tokens", tokens);
            json.put("right", right);
            json.put("perplexity", Probabilities.rounded(perplexity()));
        } else {
            json.put("text", filled());
            json.put("masks", masks.stream().map(mask -> mask.toJson(topK)).toList());
        }
        return json;
    }

    /** The text with the best token in the place of each mask. */
    private String filled() {
        var filled = new StringBuilder();
        int end = 0;
        for (var mask : masks) {
            // a token in the middle of words may begin with a space, or with ##
            var token = mask.choices().getFirst().text().strip();
            filled.append(text, end, mask.start());
            filled.append(token);
            end = mask.end();
        }
        return filled.append(text, end, text.length()).toString();
    }

    @Override
    public String toText() {
        return masks.isEmpty()
                ? String.format(
                        Locale.ROOT,
                        "%d of %d hidden tokens right, perplexity %.2f",
                        right,
                        tokens,
                        perplexity())
                : filled();
    }
}
