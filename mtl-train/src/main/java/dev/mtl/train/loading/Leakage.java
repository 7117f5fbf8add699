package dev.mtl.train.loading;

import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.config.DataConfig.Split;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Texts of a split that earlier splits of the same task have, too. */
final class Leakage {
    private final @Nullable NearTexts near;
    private final Map<String, Map<Split, List<Example>>> seen = new LinkedHashMap<>();

    /**
     * Nothing is seen yet.
     *
     * @param near finds texts that are nearly the same; null for those that are the same only
     */
    Leakage(@Nullable NearTexts near) {
        this.near = near;
    }

    /** The words of each text: texts that differ in white space only have the same words. */
    static List<List<String>> words(Example example) {
        return example.texts().stream().map(PreTokenizedText::wordTexts).toList();
    }

    /** A problem for each earlier split that shares texts with a dataset, which is then seen. */
    List<String> of(Dataset dataset, Split split) {
        var problems = new ArrayList<String>();
        for (var earlier : Split.values()) {
            if (earlier == split) {
                break;
            }
            var before = before(dataset, earlier);
            var known = new HashSet<List<List<String>>>();
            before.forEach(example -> known.add(words(example)));
            var leaked = new ArrayList<Example>();
            var others = new ArrayList<Example>();
            for (var example : dataset.examples()) {
                (known.contains(words(example)) ? leaked : others).add(example);
            }
            if (!leaked.isEmpty()) {
                problems.add(
                        "%s: %d texts of %s are in the %s data too, at %s"
                                .formatted(
                                        dataset.source(),
                                        leaked.size(),
                                        name(split),
                                        called(earlier),
                                        DataCheck.places(leaked)));
            }
            if (near != null && !before.isEmpty()) {
                near.problem(dataset.source(), name(split), others, called(earlier), before)
                        .ifPresent(problems::add);
            }
        }
        for (var task : dataset.tasks()) {
            seen.computeIfAbsent(task, t -> new LinkedHashMap<>()).put(split, dataset.examples());
        }
        return problems;
    }

    /** What the tasks of a dataset have in an earlier split, each example once. */
    private List<Example> before(Dataset dataset, Split split) {
        Set<Example> examples = new LinkedHashSet<>();
        for (var task : dataset.tasks()) {
            examples.addAll(seen.getOrDefault(task, Map.of()).getOrDefault(split, List.of()));
        }
        return List.copyOf(examples);
    }

    private static String name(Split split) {
        return split.name().toLowerCase(Locale.ROOT);
    }

    private static String called(Split split) {
        return split == Split.TRAIN ? "training" : name(split);
    }
}
