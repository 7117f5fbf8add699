package dev.mtl.heads.masked;

import dev.mtl.core.tokenizer.Encoding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Chooses the tokens to predict (Devlin et al. 2019, section 3.1): of those that are chosen, 80 %
 * are replaced by the mask, 10 % by a random token, and 10 % stay as they are. A text has at least
 * one, if it has a token at all.
 *
 * @param vocabularySize the number of tokens that a random one is drawn of
 */
record Masks(MaskedLanguageModelProvider.Settings settings, int vocabularySize) {
    /** A token that is not to be predicted. */
    static final long NONE = -1;

    Encoding draw(Encoding text, long maskId, RandomGenerator random) {
        var units = units(text.wordIds());
        var chosen =
                new ArrayList<>(
                        units.stream()
                                .filter(unit -> random.nextDouble() < settings.probability())
                                .toList());
        if (chosen.isEmpty() && !units.isEmpty()) {
            chosen.add(units.get(random.nextInt(units.size())));
        }
        var ids = text.ids().clone();
        var labels = new long[ids.length];
        Arrays.fill(labels, NONE);
        for (var unit : chosen) {
            for (int token : unit) {
                labels[token] = ids[token];
                double draw = random.nextDouble();
                if (draw < 0.8) {
                    ids[token] = maskId;
                } else if (draw < 0.9) {
                    ids[token] = random.nextInt(vocabularySize);
                }
            }
        }
        return text.withMasks(ids, labels);
    }

    /** The tokens, or those of each word, that may be chosen; special tokens may not. */
    private List<List<Integer>> units(int[] wordIds) {
        var units = new ArrayList<List<Integer>>();
        int last = -1;
        for (int token = 0; token < wordIds.length; token++) {
            int word = wordIds[token];
            if (word >= 0) {
                if (settings.wholeWords() && word == last) {
                    units.getLast().add(token);
                } else {
                    units.add(new ArrayList<>(List.of(token)));
                }
            }
            last = word;
        }
        return units;
    }
}
