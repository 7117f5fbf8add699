package dev.mtl.core.internal;

/**
 * Makes text of strangers safe to show: a terminal obeys control characters in labels and texts,
 * and characters that turn the direction of writing show something else than is there.
 */
public final class ControlCharacters {
    private ControlCharacters() {}

    /** The text with an escape in place of each such character, but tabs and line ends. */
    public static String escaped(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isUnsafe(text.charAt(i))) {
                return replaced(text);
            }
        }
        return text;
    }

    private static String replaced(String text) {
        var safe = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isUnsafe(c)) {
                safe.append("\\u%04x".formatted((int) c));
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    private static boolean isUnsafe(char c) {
        return (Character.isISOControl(c) && c != '\t' && c != '\n')
                || (c >= '\u202a' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069');
    }
}
