package dev.mtl.cli.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Pattern;

/** Puts problems of the same kind together: a file may have one in each of its rows. */
public final class ProblemGroups {
    /** As many problems of a kind are all shown. */
    private static final int ALL = 3;

    /** The most lines that a group names. */
    private static final int MOST_LINES = 5;

    /** The most kinds that are shown. */
    private static final int MOST_KINDS = 20;

    private static final Pattern ROW = Pattern.compile("(.*?):(\\d+): (.*)", Pattern.DOTALL);

    /** What differs between problems of a kind: quoted data, and numbers. */
    private static final Pattern DETAIL = Pattern.compile("'.*?'|\".*?\"|\\d+");

    private ProblemGroups() {}

    /** A message for each problem, or for several of the same kind; in the order of the first. */
    public static List<String> of(List<String> problems) {
        var kinds = new LinkedHashMap<String, List<String>>();
        for (var problem : problems) {
            kinds.computeIfAbsent(kind(problem), k -> new ArrayList<>()).add(problem);
        }
        var messages = new ArrayList<String>();
        kinds.values().stream().limit(MOST_KINDS).forEach(group -> messages.addAll(group(group)));
        if (kinds.size() > MOST_KINDS) {
            messages.add(
                    "... and %d more kinds of problems; --all lists them"
                            .formatted(kinds.size() - MOST_KINDS));
        }
        return messages;
    }

    private static String kind(String problem) {
        var row = ROW.matcher(problem);
        return row.matches()
                ? row.group(1) + ": " + DETAIL.matcher(row.group(3)).replaceAll("#")
                : problem;
    }

    private static List<String> group(List<String> problems) {
        if (problems.size() <= ALL) {
            return problems;
        }
        var lines =
                problems.stream()
                        .skip(1)
                        .limit(MOST_LINES)
                        .map(
                                problem -> {
                                    var row = ROW.matcher(problem);
                                    return row.matches() ? row.group(2) : "";
                                })
                        .toList();
        return List.of(
                "%s; and %d rows like it, at %s%s"
                        .formatted(
                                problems.getFirst(),
                                problems.size() - 1,
                                String.join(", ", lines),
                                problems.size() - 1 > MOST_LINES ? ", ..." : ""));
    }
}
