package dev.mtl.heads.masked;

import dev.mtl.core.head.Prediction;
import dev.mtl.heads.Probabilities;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How well the hidden tokens of a text were predicted.
 *
 * @param tokens that were hidden
 * @param loss the sum of their negative log-likelihoods
 * @param right how many were the most probable ones
 */
record MaskedText(int tokens, double loss, int right) implements Prediction {
    /** The exponential of the mean loss; 1 without tokens. */
    double perplexity() {
        return tokens == 0 ? 1 : Math.exp(loss / tokens);
    }

    @Override
    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("tokens", tokens);
        json.put("right", right);
        json.put("perplexity", Probabilities.rounded(perplexity()));
        return json;
    }

    @Override
    public String toText() {
        return String.format(
                Locale.ROOT,
                "%d of %d hidden tokens right, perplexity %.2f",
                right,
                tokens,
                perplexity());
    }
}
