package dev.mtl.train.report;

/** Text in a page. */
final class Html {
    private Html() {}

    /** Text that no browser takes for markup. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
