package dev.mtl.torch.dispatch;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An operator's signature, parsed from PyTorch's own notation, such as {@code
 * aten::softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor}.
 *
 * @param name with its namespace, {@code aten::softmax}
 * @param overload {@code int}, or empty
 * @param results the number of tensors that it returns
 * @see <a
 *     href="https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/README.md">native/README.md</a>
 */
public record Schema(String name, String overload, List<Parameter> parameters, int results) {

    private static final Pattern FORM =
            Pattern.compile("([\\w:]+?)(?:\\.(\\w+))?\\((.*)\\) -> (\\(.*\\)|\\S+)");
    private static final Pattern PARAMETER =
            Pattern.compile("(\\w+)(?:\\([a-z]!?\\))?(\\[\\d*\\])?(\\?)? (\\w+)(?:=(.+))?");

    /** The type of a stack slot. */
    public enum Kind {
        TENSOR,
        TENSOR_LIST,
        INT,
        INT_LIST,
        FLOAT,
        BOOL,
        STRING,
        DTYPE,
        LAYOUT,
        MEMORY_FORMAT,
        DEVICE
    }

    /**
     * One parameter.
     *
     * @param optional whether the argument may be null, for None
     * @param hasDefault whether the argument may be left out
     */
    public record Parameter(
            String name,
            Kind kind,
            boolean optional,
            boolean hasDefault,
            @Nullable Object defaultValue) {}

    static Schema parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            throw new IllegalArgumentException("not an operator schema: " + text);
        }
        var parameters = new ArrayList<Parameter>();
        for (var part : splitParameters(form.group(3))) {
            parameters.add(parseParameter(part, text));
        }
        var overload = form.group(2);
        return new Schema(
                form.group(1),
                overload == null ? "" : overload,
                List.copyOf(parameters),
                countResults(form.group(4)));
    }

    /** Splits at commas outside of brackets and drops the {@code *} separator. */
    private static List<String> splitParameters(String text) {
        var parts = new ArrayList<String>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ',';
            if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth--;
            } else if (c == ',' && depth == 0) {
                var part = text.substring(start, i).strip();
                if (!part.isEmpty() && !part.equals("*")) {
                    parts.add(part);
                }
                start = i + 1;
            }
        }
        return parts;
    }

    private static Parameter parseParameter(String part, String schema) {
        var m = PARAMETER.matcher(part);
        if (!m.matches()) {
            throw new IllegalArgumentException("cannot read '" + part + "' in " + schema);
        }
        boolean list = m.group(2) != null;
        var kind =
                switch (m.group(1)) {
                    case "Tensor" -> list ? Kind.TENSOR_LIST : Kind.TENSOR;
                    case "int", "SymInt" -> list ? Kind.INT_LIST : Kind.INT;
                    case "float" -> Kind.FLOAT;
                    case "bool" -> Kind.BOOL;
                    case "str" -> Kind.STRING;
                    case "ScalarType" -> Kind.DTYPE;
                    case "Layout" -> Kind.LAYOUT;
                    case "MemoryFormat" -> Kind.MEMORY_FORMAT;
                    case "Device" -> Kind.DEVICE;
                    default ->
                            throw new IllegalArgumentException(
                                    "the C ABI cannot carry '" + part + "' in " + schema);
                };
        var value = m.group(5);
        return new Parameter(
                m.group(4),
                kind,
                m.group(3) != null,
                value != null,
                value == null ? null : parseDefault(value, kind));
    }

    private static @Nullable Object parseDefault(String text, Kind kind) {
        return switch (text) {
            case "None" -> null;
            case "True" -> true;
            case "False" -> false;
            case "[]" -> kind == Kind.INT_LIST ? new long[0] : List.of();
            default ->
                    switch (kind) {
                        case FLOAT -> Double.parseDouble(text);
                        case INT, MEMORY_FORMAT, LAYOUT -> Long.parseLong(text);
                        case INT_LIST -> new long[] {Long.parseLong(text)};
                        default -> text.replace("'", "");
                    };
        };
    }

    private static int countResults(String text) {
        if (text.equals("()")) {
            return 0;
        }
        return text.startsWith("(")
                ? splitParameters(text.substring(1, text.length() - 1)).size()
                : 1;
    }

    /** {@code aten::softmax.int}. */
    String qualifiedName() {
        return overload.isEmpty() ? name : name + "." + overload;
    }
}
