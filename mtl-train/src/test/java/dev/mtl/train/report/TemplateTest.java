package dev.mtl.train.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;

class TemplateTest {
    private static String render(String template, Map<String, ?> values) {
        return Template.parse(template).render(values);
    }

    @Test
    void escapesValuesUnlessTheyAreMarkup() {
        var values = Map.of("x", "<b title=\"a\">'&'</b>");

        assertThat(render("{{x}}", values))
                .isEqualTo("&lt;b title=&quot;a&quot;&gt;&#39;&amp;&#39;&lt;/b&gt;");
        assertThat(render("{{{x}}}", values)).isEqualTo("<b title=\"a\">'&'</b>");
    }

    @Test
    void takesBracesOfAValueForText() {
        assertThat(render("{{x}} {{y}}", Map.of("x", "{{y}}", "y", "$1 \\2")))
                .isEqualTo("{{y}} $1 \\2");
    }

    @Test
    void repeatsASectionForEachElement() {
        var rows = List.of(Map.of("n", 1), Map.of("n", 2));

        assertThat(render("{{#rows}}{{n}} of {{all}};{{/rows}}", Map.of("rows", rows, "all", 2)))
                .isEqualTo("1 of 2;2 of 2;");
        assertThat(render("a{{#rows}}b{{/rows}}c", Map.of("rows", List.of()))).isEqualTo("ac");
    }

    @Test
    void namesOfAnElementHideThoseOutside() {
        var inner = List.of(Map.of("name", "inner"));

        assertThat(
                        render(
                                "{{name}} {{#s}}{{name}} {{/s}}{{name}}",
                                Map.of("name", "x", "s", inner)))
                .isEqualTo("x inner x");
    }

    @Test
    void aLineWithASectionTagAloneLeavesNoEmptyLine() {
        var rows = List.of(Map.of("n", 1), Map.of("n", 2));

        assertThat(render("<ul>\n{{#rows}}\n<li>{{n}}\n{{/rows}}\n</ul>\n", Map.of("rows", rows)))
                .isEqualTo("<ul>\n<li>1\n<li>2\n</ul>\n");
    }

    @Test
    void rejectsANameWithoutAValue() {
        assertThatThrownBy(() -> render("{{tittle}}", Map.of("title", "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no value for {{tittle}}");
    }

    @Test
    void rejectsASectionOverWhatIsNoList() {
        assertThatThrownBy(() -> render("{{#x}}{{/x}}", Map.of("x", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x is not a list");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{#a}}", "{{/a}}", "{{#a}}{{#b}}{{/a}}{{/b}}"})
    void rejectsSectionsThatAreNotNested(String template) {
        assertThatThrownBy(() -> Template.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("{{");
    }
}
