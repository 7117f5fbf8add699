package org.example.votes;

import dev.mtl.core.head.Target;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How many people gave a text each label.
 *
 * @param byLabel votes, in the order of the labels' names
 */
record Votes(SortedMap<String, Integer> byLabel) implements Target.Own {
    Votes {
        if (byLabel.isEmpty()) {
            throw new IllegalArgumentException("has no votes");
        }
        byLabel.forEach(
                (label, count) -> {
                    if (label.isBlank() || count < 1) {
                        throw new IllegalArgumentException(
                                "has %d votes for '%s'".formatted(count, label));
                    }
                });
    }

    /** The votes of a field: {@code good 3, bad 1} in tables, {@code {"good": 3}} in JSON. */
    static Votes of(Object field) {
        return switch (field) {
            case String text -> new Votes(ofText(text));
            case Map<?, ?> map -> new Votes(ofMap(map));
            default -> throw wrong(field);
        };
    }

    private static SortedMap<String, Integer> ofText(String text) {
        var votes = new TreeMap<String, Integer>();
        for (var part : text.split(",", -1)) {
            var words = part.strip();
            int space = words.lastIndexOf(' ');
            if (space < 0 || !words.substring(space + 1).matches("[0-9]{1,6}")) {
                throw wrong(text);
            }
            var label = words.substring(0, space).strip();
            if (votes.put(label, Integer.valueOf(words.substring(space + 1))) != null) {
                throw new IllegalArgumentException("has votes for '" + label + "' twice");
            }
        }
        return votes;
    }

    private static SortedMap<String, Integer> ofMap(Map<?, ?> map) {
        var votes = new TreeMap<String, Integer>();
        map.forEach(
                (label, count) -> {
                    if (!(label instanceof String name) || !(count instanceof Integer number)) {
                        throw wrong(map);
                    }
                    votes.put(name, number);
                });
        return votes;
    }

    private static IllegalArgumentException wrong(Object field) {
        return new IllegalArgumentException(
                "takes votes such as 'good 3, bad 1' or {\"good\": 3, \"bad\": 1}, not " + field);
    }

    /** The share of the votes that each label has. */
    double[] shares(List<String> labels) {
        double all = byLabel.values().stream().mapToInt(Integer::intValue).sum();
        return labels.stream().mapToDouble(label -> byLabel.getOrDefault(label, 0) / all).toArray();
    }

    /** The entropy of the shares, in nats: what no prediction can remove from a cross-entropy. */
    static double entropy(double[] shares) {
        return -Arrays.stream(shares).filter(share -> share > 0).map(p -> p * Math.log(p)).sum();
    }

    @Override
    public List<String> labels() {
        return List.copyOf(byLabel.keySet());
    }

    @Override
    public Object toJson() {
        return byLabel;
    }

    @Override
    public String toText() {
        return byLabel.entrySet().stream()
                .map(votes -> votes.getKey() + " " + votes.getValue())
                .collect(Collectors.joining(", "));
    }
}
