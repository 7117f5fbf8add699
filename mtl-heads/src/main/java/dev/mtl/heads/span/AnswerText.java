package dev.mtl.heads.span;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Pattern;

/**
 * Answers as the evaluation scripts of SQuAD compare them (Rajpurkar et al. 2016, arXiv 1606.05250,
 * section 6.1): lower case, without punctuation, articles and extra white space.
 */
final class AnswerText {
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    private static final Pattern ARTICLES =
            Pattern.compile("\\b(a|an|the)\\b", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern SPACES = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    private AnswerText() {}

    static String normalized(String text) {
        var kept = new StringBuilder();
        text.toLowerCase(Locale.ROOT)
                .chars()
                .filter(c -> PUNCTUATION.indexOf(c) < 0)
                .forEach(c -> kept.append((char) c));
        var words = ARTICLES.matcher(kept).replaceAll(" ");
        return SPACES.matcher(words).replaceAll(" ").strip();
    }

    private static List<String> words(String text) {
        var normalized = normalized(text);
        return normalized.isEmpty() ? List.of() : Arrays.asList(normalized.split(" "));
    }

    /** 1 if both are the same, else 0. */
    static double exact(String predicted, String gold) {
        return normalized(predicted).equals(normalized(gold)) ? 1 : 0;
    }

    /** The F1 of the words that both have; without words, whether both have none. */
    static double f1(String predicted, String gold) {
        var said = words(predicted);
        var right = words(gold);
        if (said.isEmpty() || right.isEmpty()) {
            return said.equals(right) ? 1 : 0;
        }
        var left = new HashMap<String, Integer>();
        right.forEach(word -> left.merge(word, 1, Integer::sum));
        int same = 0;
        for (var word : said) {
            int count = left.getOrDefault(word, 0);
            if (count > 0) {
                same++;
                left.put(word, count - 1);
            }
        }
        return 2.0 * same / (said.size() + right.size());
    }

    /** The best score over the answers of the data; of none, an empty answer is right. */
    static double best(
            ToDoubleBiFunction<String, String> score, String predicted, List<String> gold) {
        var counted = gold.stream().filter(text -> !normalized(text).isEmpty()).toList();
        return (counted.isEmpty() ? List.of("") : counted)
                .stream().mapToDouble(text -> score.applyAsDouble(predicted, text)).max().orElse(0);
    }
}
