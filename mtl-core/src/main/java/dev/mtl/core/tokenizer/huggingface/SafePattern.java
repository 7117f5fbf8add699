package dev.mtl.core.tokenizer.huggingface;

/**
 * Checks what a normalizer or pre-tokenizer looks for: a string or a regular expression. The native
 * library ends the process if a search takes too many steps.
 */
final class SafePattern {
    private static final int MAX_LENGTH = 4096;

    private SafePattern() {}

    static void check(JsonValue value) {
        var text = value.get("String");
        if (text.isPresent()) {
            if (text.string().isEmpty()) {
                throw text.fault("it is empty");
            }
            return;
        }
        var regex = value.get("Regex");
        var pattern = regex.string();
        if (pattern.length() > MAX_LENGTH) {
            throw regex.fault("it has more than " + MAX_LENGTH + " characters");
        }
        if (repeatsRepetition(pattern)) {
            throw regex.fault(
                    "it repeats a group that itself repeats or has alternatives, which can take"
                            + " forever");
        }
    }

    /** The fewest characters of what a checked pattern matches, but 1 for a regular expression. */
    static int shortestMatch(JsonValue value) {
        var text = value.get("String");
        return text.isPresent() ? text.string().length() : 1;
    }

    /** Whether a group with a quantifier without bound, or with alternatives, is repeated. */
    private static boolean repeatsRepetition(String pattern) {
        var risky = new boolean[pattern.length() + 2];
        int depth = 0;
        boolean closedRisky = false;
        boolean inClass = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            boolean wasRisky = closedRisky;
            closedRisky = false;
            if (c == '\\') {
                i++;
            } else if (inClass) {
                inClass = c != ']';
            } else if (c == '[') {
                inClass = true;
            } else if (c == '(') {
                risky[++depth] = false;
            } else if (c == ')' && depth > 0) {
                closedRisky = risky[depth--];
                risky[depth] |= closedRisky;
            } else if (c == '|') {
                risky[depth] = true;
            } else if (c == '*' || c == '+' || c == '{') {
                if (wasRisky) {
                    return true;
                }
                risky[depth] = true;
            }
        }
        return false;
    }
}
