package dev.mtl.train.config.yaml;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SequencedMap;

/** A YAML node with its place: {@code config/x.yaml:14}, or the option that it comes from. */
public sealed interface YamlNode {
    /** Its file and line, or its option. */
    String place();

    /** The kind of node, for messages. */
    String kind();

    /**
     * A single value.
     *
     * @param value a Boolean, Long, Double, String, or null
     */
    record Scalar(String place, @Nullable Object value) implements YamlNode {
        @Override
        public String kind() {
            return value == null ? "nothing" : "'" + value + "'";
        }
    }

    /** Keys and their values, in order. */
    record Mapping(String place, SequencedMap<String, YamlNode> entries) implements YamlNode {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /** A list. */
    record Sequence(String place, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }
}
