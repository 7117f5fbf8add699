package dev.mtl.train.format.fields;

import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.Word;
import dev.mtl.train.tags.EntityTags;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How entities are marked in a text: a template with the words {@code label} and {@code text}, such
 * as {@code [label : text]} for {@code wake me at [time : nine]}.
 */
public final class Markup {
    private static final Pattern PLACES = Pattern.compile("\\b(label|text)\\b");

    private final Pattern entity;

    private Markup(Pattern entity) {
        this.entity = entity;
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if it does not have both words, each between signs
     */
    public static Markup of(String template) {
        var regex = new StringBuilder();
        var before = new ArrayList<String>();
        var places = PLACES.matcher(template);
        int from = 0;
        while (places.find()) {
            var literal = template.substring(from, places.start()).strip();
            var name = places.group();
            int next = places.end();
            var after =
                    template.substring(next, places.find() ? places.start() : template.length());
            require(!literal.isEmpty() && !after.isBlank(), template);
            regex.append(Pattern.quote(literal)).append("\\s*");
            if (before.contains(name)) {
                regex.append("\\k<").append(name).append('>');
            } else {
                var ends = template.strip().substring(0, 1) + after.strip().charAt(0);
                regex.append("(?<").append(name).append(">[^").append(quoted(ends)).append("]+?)");
            }
            regex.append("\\s*");
            before.add(name);
            from = next;
            places.region(next, template.length());
        }
        require(before.contains("label") && before.contains("text"), template);
        regex.append(Pattern.quote(template.substring(from).strip()));
        return new Markup(Pattern.compile(regex.toString()));
    }

    private static void require(boolean right, String template) {
        if (!right) {
            throw new IllegalArgumentException(
                    "markup is '"
                            + template
                            + "'; it is an entity as the texts have it, with the words 'label' and"
                            + " 'text' in their places, such as \"[label : text]\" or"
                            + " \"[text](label)\"");
        }
    }

    private static String quoted(String signs) {
        return signs.replaceAll("(.)", "\\\\$1");
    }

    /** The text without the marks. An entity's ends are ends of words, too. */
    FieldText read(String marked) {
        var text = new StringBuilder();
        var words = new ArrayList<Word>();
        var entities = new ArrayList<EntityTags.Entity>();
        var found = entity.matcher(marked);
        int from = 0;
        while (found.find()) {
            append(marked.substring(from, found.start()), text, words);
            int start = text.length();
            append(found.group("text"), text, words);
            entities.add(new EntityTags.Entity(start, text.length(), found.group("label")));
            from = found.end();
        }
        append(marked.substring(from), text, words);
        return new FieldText(
                new PreTokenizedText(text.toString(), words), false, List.copyOf(entities));
    }

    private static void append(String part, StringBuilder text, List<Word> words) {
        for (var word : PreTokenizedText.of(part).words()) {
            words.add(
                    new Word(
                            word.text(), word.start() + text.length(), word.end() + text.length()));
        }
        text.append(part);
    }
}
