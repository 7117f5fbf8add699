package dev.mtl.cli;

import java.util.Map;
import java.util.Optional;

/** What stderr is. */
final class Terminal {
    /**
     * The width in which stderr is a terminal, 0 if it is none; set by the launcher {@code mtl}.
     */
    static final String COLUMNS = "mtl.terminal.columns";

    private static final int USUAL = 80;

    private Terminal() {}

    /**
     * How many columns stderr has, 0 if it is no terminal. Java itself knows only whether both
     * stdin and stdout are one, which is asked where the launcher did not say.
     */
    static int columns(Map<String, String> environment) {
        var said = System.getProperty(COLUMNS);
        if (said != null) {
            return number(said);
        }
        boolean terminal =
                Optional.ofNullable(System.console())
                        .map(java.io.Console::isTerminal)
                        .orElse(false);
        if (!terminal || "dumb".equals(environment.get("TERM"))) {
            return 0;
        }
        int columns = number(environment.getOrDefault("COLUMNS", ""));
        return columns > 0 ? columns : USUAL;
    }

    private static int number(String text) {
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    }

    /**
     * As much of a line as {@code columns} have room for. What might be drawn two columns wide,
     * such as Chinese, counts so.
     */
    static String fit(String line, int columns) {
        int width = 0;
        int end = 0;
        while (end < line.length()) {
            int character = line.codePointAt(end);
            width += width(character);
            if (width > columns) {
                return line.substring(0, end);
            }
            end += Character.charCount(character);
        }
        return line;
    }

    /** How many columns a line takes at most. */
    static int width(String line) {
        return line.codePoints().map(Terminal::width).sum();
    }

    private static int width(int character) {
        return character < 0x1100 ? 1 : 2;
    }
}
