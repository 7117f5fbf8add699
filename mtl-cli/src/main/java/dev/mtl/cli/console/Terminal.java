package dev.mtl.cli.console;

import java.util.Map;
import java.util.Optional;

/** The terminal that stderr is connected to, if it is. */
final class Terminal {
    /** System property set by the launcher {@code mtl}: columns of stderr, 0 if no terminal. */
    static final String COLUMNS = "mtl.terminal.columns";

    private static final int DEFAULT_COLUMNS = 80;

    private Terminal() {}

    /**
     * The width of stderr in columns, 0 if it is not a terminal. Java can only tell whether stdin
     * and stdout are terminals, which is the fallback if the launcher did not set {@link #COLUMNS}.
     */
    static int columns(Map<String, String> environment) {
        var columnsOfLauncher = System.getProperty(COLUMNS);
        if (columnsOfLauncher != null) {
            return number(columnsOfLauncher);
        }
        boolean terminal =
                Optional.ofNullable(System.console())
                        .map(java.io.Console::isTerminal)
                        .orElse(false);
        if (!terminal || "dumb".equals(environment.get("TERM"))) {
            return 0;
        }
        int columns = number(environment.getOrDefault("COLUMNS", ""));
        return columns > 0 ? columns : DEFAULT_COLUMNS;
    }

    private static int number(String text) {
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    }

    /**
     * The beginning of a line that fits into {@code columns}. Characters that may be drawn two
     * columns wide, such as Chinese, count as two.
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

    /** The largest number of columns that a line can take. */
    static int width(String line) {
        return line.codePoints().map(Terminal::width).sum();
    }

    private static int width(int character) {
        return character < 0x1100 ? 1 : 2;
    }
}
