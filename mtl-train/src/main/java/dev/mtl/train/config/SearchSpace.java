package dev.mtl.train.config;

import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.yaml.Problems;
import dev.mtl.train.config.yaml.RecordBinder;
import dev.mtl.train.config.yaml.YamlNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * The ranges that a configuration has in place of values: {@code base_lr: {log: [1e-5, 1e-4]}}.
 *
 * @param ranges in the order of the file
 */
public record SearchSpace(List<Range> ranges) {
    public SearchSpace {
        ranges = List.copyOf(ranges);
    }

    /** How values are drawn from a range. */
    public enum Kind {
        /** Between two positive numbers, uniformly in their logarithms. */
        LOG,
        /** Between two numbers. */
        UNIFORM,
        /** Integers between two, both included. */
        INT,
        /** One of some values. */
        CHOICE;

        private String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A range.
     *
     * @param path of the key, such as {@code training.base_lr}
     * @param values the two ends, or all choices, as YAML
     */
    public record Range(String path, Kind kind, List<String> values) {
        private String draw(SplittableRandom random) {
            if (kind == Kind.CHOICE) {
                return values.get(random.nextInt(values.size()));
            }
            double from = Double.parseDouble(values.getFirst());
            double to = Double.parseDouble(values.getLast());
            double share = random.nextDouble();
            return switch (kind) {
                case LOG ->
                        String.format(
                                Locale.ROOT,
                                "%.4e",
                                Math.exp(Math.log(from) + share * Math.log(to / from)));
                case UNIFORM -> String.format(Locale.ROOT, "%.6f", from + share * (to - from));
                default ->
                        String.valueOf(
                                (long) from + (long) (share * ((long) to - (long) from + 1)));
            };
        }

        /** What is wrong with it; empty if nothing is. */
        private String mistake() {
            if (kind == Kind.CHOICE) {
                return values.isEmpty() ? "choice has no values" : "";
            }
            var number = kind == Kind.INT ? "-?\\d{1,15}" : "-?[0-9.]+([eE]-?\\d+)?";
            if (values.size() != 2 || !values.stream().allMatch(value -> value.matches(number))) {
                return kind.key() + " takes two numbers: {" + kind.key() + ": [FROM, TO]}";
            }
            double from = Double.parseDouble(values.getFirst());
            double to = Double.parseDouble(values.getLast());
            return from >= to || (kind == Kind.LOG && from <= 0)
                    ? kind.key()
                            + " takes a smaller and a larger number"
                            + (kind == Kind.LOG ? ", both above 0" : "")
                    : "";
        }
    }

    /** The values of a trial, {@code path=value}: the same for the same seed and number. */
    public List<String> draw(long seed, int trial) {
        var random = new SplittableRandom(RandomStream.mix(seed, trial));
        return ranges.stream().map(range -> range.path() + "=" + range.draw(random)).toList();
    }

    static SearchSpace of(YamlNode.Mapping root, Problems problems) {
        var ranges = new ArrayList<Range>();
        find(root, "", ranges, problems);
        return new SearchSpace(ranges);
    }

    private static void find(
            YamlNode.Mapping mapping, String path, List<Range> ranges, Problems problems) {
        mapping.entries()
                .forEach(
                        (key, node) -> {
                            var below = RecordBinder.join(path, key);
                            if (!(node instanceof YamlNode.Mapping inner)) {
                                return;
                            }
                            for (var kind : Kind.values()) {
                                if (inner.entries().size() == 1
                                        && inner.entries().get(kind.key())
                                                instanceof YamlNode.Sequence list) {
                                    add(
                                            new Range(below, kind, values(list)),
                                            list,
                                            ranges,
                                            problems);
                                    return;
                                }
                            }
                            find(inner, below, ranges, problems);
                        });
    }

    private static void add(Range range, YamlNode place, List<Range> ranges, Problems problems) {
        var mistake = range.mistake();
        if (mistake.isEmpty()) {
            ranges.add(range);
        } else {
            problems.add(place.place(), range.path(), mistake);
        }
    }

    private static List<String> values(YamlNode.Sequence list) {
        return list.items().stream()
                .map(item -> item instanceof YamlNode.Scalar scalar ? scalar.value() : null)
                .map(String::valueOf)
                .toList();
    }
}
