package dev.mtl.cli.doctor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One line of {@code mtl doctor}.
 *
 * @param name the subject, such as {@code libtorch}
 * @param level how severe it is
 * @param text what was found
 * @param advice what to do about it, empty if nothing
 */
public record Finding(String name, Level level, String text, Optional<String> advice) {
    /** How severe a finding is. */
    public enum Level {
        /** Everything is fine. */
        OK,
        /** Something will not work, or will be slow. */
        WARNING,
        /** MTL does not work until this is fixed. */
        PROBLEM
    }

    public static Finding ok(String name, String text) {
        return new Finding(name, Level.OK, text, Optional.empty());
    }

    public static Finding warning(String name, String text, String advice) {
        return new Finding(name, Level.WARNING, text, Optional.of(advice));
    }

    /** A problem; without advice if the text already says what to do. */
    public static Finding problem(String name, String text, Optional<String> advice) {
        return new Finding(name, Level.PROBLEM, text, advice);
    }

    public Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", name);
        json.put("level", word());
        json.put("text", text);
        json.put("advice", advice.orElse(null));
        return json;
    }

    public String word() {
        return level.name().toLowerCase(java.util.Locale.ROOT);
    }
}
