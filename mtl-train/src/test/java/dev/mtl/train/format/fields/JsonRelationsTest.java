package dev.mtl.train.format.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.head.Target.Relations.Relation;
import dev.mtl.core.head.Target.Relations.Span;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.train.format.EntityOffsets;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

/** Pairs of spans of a row, in the ways that data sets write them. */
class JsonRelationsTest {
    private static final FieldText TEXT =
            FieldText.of(PreTokenizedText.of("\uD83D\uDE00 Ann's boss met Bo"));

    private static List<Relation> read(String json, EntityOffsets offsets, FieldText text)
            throws IOException {
        return JsonRelations.of(new JsonMapper().readTree(json), offsets, text);
    }

    private static List<Relation> read(String json) throws IOException {
        return read(json, EntityOffsets.DEFAULTS, TEXT);
    }

    @Test
    void spansCountCharactersAsEntitiesDo() throws IOException {
        var relation = new Relation(new Span(3, 6), new Span(18, 20), "knows");
        var utf16 = "[{'head': [3, 6], 'tail': {'start': 18, 'end': 20}, 'label': 'knows'}]";
        assertThat(read(utf16.replace('\'', '"'))).containsExactly(relation);
        var python = "{'subject': {'span': [2, 5]}, 'object': [17, 19], 'type': 'knows'}";
        assertThat(read(python.replace('\'', '"'), new EntityOffsets(false, true), TEXT))
                .as("as Python counts, and without a list")
                .containsExactly(relation);
    }

    @Test
    void spansOfAListOfWordsCountWords() throws IOException {
        var words = FieldText.ofWords(List.of("Ann", "Lee", "met", "Bo"));
        var inclusive = "{'h': [0, 1], 't': [3, 3], 'relation': 'knows'}";
        assertThat(read(inclusive.replace('\'', '"'), new EntityOffsets(true, false), words))
                .containsExactly(new Relation(new Span(0, 7), new Span(12, 14), "knows"));
    }

    @Test
    void saysWhatIsNoRelation() {
        assertThatThrownBy(() -> read("{\"head\": [3, 6], \"tail\": [18, 20]}"))
                .hasMessageContaining("takes relations {\"head\": [0, 3]");
        assertThatThrownBy(() -> read(knows(2, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the span 2-3 has no word");
        assertThatThrownBy(() -> read(knows(18, 99)))
                .hasMessage("the span 18-99 is not within the text, which has 20 UTF-16 units");
    }

    private static String knows(int start, int end) {
        return "{\"head\": [%d, %d], \"tail\": [18, 20], \"label\": \"knows\"}"
                .formatted(start, end);
    }
}
