package dev.mtl.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class ProblemGroupsTest {
    @Test
    void rowsWithTheSameMistakeAreOneProblem() {
        var problems = new ArrayList<String>();
        for (int line = 1; line <= 300; line++) {
            problems.add("a.tsv:" + line + ": has " + line % 7 + " fields, there are 8 columns");
        }
        problems.add("a.tsv:7: column 'x' has no label");
        problems.add("a.tsv:8: column 'x' has no label");
        problems.add("tasks.t: nothing to learn");
        assertThat(ProblemGroups.of(problems))
                .containsExactly(
                        "a.tsv:1: has 1 fields, there are 8 columns; and 299 rows like it, at 2, 3,"
                                + " 4, 5, 6, ...",
                        "a.tsv:7: column 'x' has no label",
                        "a.tsv:8: column 'x' has no label",
                        "tasks.t: nothing to learn");
    }

    @Test
    void kindsOfProblemsAreCapped() {
        var problems = new ArrayList<String>();
        for (char c = 'a'; c <= 'z'; c++) {
            problems.add("problem " + c);
        }
        assertThat(ProblemGroups.of(problems))
                .hasSize(21)
                .last()
                .isEqualTo("... and 6 more kinds of problems; --all lists them");
    }

    @Test
    void manyLabelsAreFoldedToTheExtremes() {
        var counts = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < 77; i++) {
            counts.put("label" + i, 100 + i);
        }
        assertThat(LabelCounts.lines(counts, false))
                .hasSize(11)
                .startsWith("      176 label76")
                .contains("      ... 67 labels with 105 to 171 each; --all lists them")
                .endsWith("      100 label0");
        assertThat(LabelCounts.lines(counts, true)).hasSize(77);
        assertThat(LabelCounts.lines(new LinkedHashMap<>(Map.of("a", 1)), false))
                .isEqualTo(List.of("        1 a"));
    }
}
