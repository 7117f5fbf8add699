package dev.mtl.heads.masked;

import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.heads.Probabilities;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * What may stand in the place of a mask of a text.
 *
 * @param start UTF-16 offset of the mask
 * @param end UTF-16 offset after it
 * @param choices the most probable tokens, best first
 */
record FilledMask(int start, int end, List<Choice> choices) {
    /** How many tokens are kept of a mask. */
    private static final int KEPT = 20;

    /**
     * A token.
     *
     * @param id in the vocabulary
     * @param text of the token; empty until it is known
     * @param probability among all tokens
     */
    record Choice(long id, String text, double probability) {
        Map<String, Object> toJson() {
            var json = new LinkedHashMap<String, Object>();
            json.put("token", text);
            json.put("score", Probabilities.rounded(probability));
            return json;
        }
    }

    FilledMask {
        choices = List.copyOf(choices);
    }

    /**
     * The best tokens for a mask.
     *
     * @param token the mask's place
     * @param logits of all tokens of the vocabulary
     */
    static FilledMask of(Encoding encoding, int token, float[] logits) {
        var probabilities = Probabilities.softmax(logits, 1);
        var choices = new ArrayList<Choice>();
        IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble(id -> -logits[id]))
                .limit(KEPT)
                .forEach(id -> choices.add(new Choice(id, "", probabilities[id])));
        return new FilledMask(encoding.starts()[token], encoding.ends()[token], choices);
    }

    FilledMask withTokens(LongFunction<String> texts) {
        return new FilledMask(
                start,
                end,
                choices.stream()
                        .map(
                                choice ->
                                        new Choice(
                                                choice.id(),
                                                texts.apply(choice.id()),
                                                choice.probability()))
                        .toList());
    }

    /** The mask with its best token, and with some of the best ones. */
    Map<String, Object> toJson(int topK) {
        var json = new LinkedHashMap<String, Object>();
        json.put("start", start);
        json.put("end", end);
        json.putAll(choices.getFirst().toJson());
        if (topK > 1) {
            json.put("tokens", choices.stream().limit(topK).map(Choice::toJson).toList());
        }
        return json;
    }
}
