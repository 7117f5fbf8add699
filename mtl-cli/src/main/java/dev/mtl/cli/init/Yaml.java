package dev.mtl.cli.init;

/** Scalars of a configuration. */
final class Yaml {
    private Yaml() {}

    /** A string, quoted if it could be something else. */
    static String string(String value) {
        return value.matches("[A-Za-z_./][A-Za-z0-9_./-]*")
                        && !value.matches("(?i)null|true|false|yes|no|on|off|y|n")
                ? value
                : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** The name of a task that learns a column. */
    static String task(String column) {
        var name = column.replaceAll("[^A-Za-z0-9_-]+", "_").replaceAll("^[^A-Za-z]+", "");
        return name.isEmpty() ? "task" : name;
    }
}
