package dev.mtl.train.format.fields;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The JSON files of SQuAD 1.1 and 2.0 (Rajpurkar et al. 2018, arXiv 1806.03822): articles with
 * paragraphs with questions. A record is a question with {@code id}, {@code title}, {@code
 * question}, {@code context} and {@code answers}, as in the data set on the Hugging Face hub. One
 * article is in memory at a time.
 */
public record SquadReader() implements FieldsReader {
    /** The fields of an example's texts. */
    public static final List<String> TEXTS = List.of("question", "context");

    /** The field that a task learns. */
    public static final String ANSWERS = "answers";

    private static final JsonMapper MAPPER = new JsonMapper(new JsonFactory());

    @Override
    public Records open(Path path, List<String> texts, List<DataColumn> columns) {
        if (!Files.isRegularFile(path)) {
            throw new MtlException(path + ": no such file");
        }
        try {
            var parser = MAPPER.getFactory().createParser(path.toFile());
            try {
                toArticles(path, parser);
                return new SquadRecords(path, parser);
            } catch (IOException | RuntimeException e) {
                parser.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** Moves into the list {@code data} of the outermost object. */
    private static void toArticles(Path path, JsonParser parser) throws IOException {
        var token = parser.nextToken();
        while (token != null && token != JsonToken.END_OBJECT) {
            token = parser.nextToken();
            if (token == JsonToken.FIELD_NAME) {
                boolean data = "data".equals(parser.currentName());
                token = parser.nextToken();
                if (data && token == JsonToken.START_ARRAY) {
                    return;
                }
                parser.skipChildren();
            }
        }
        throw new MtlException(
                path
                        + ": is no file of SQuAD, {\"data\": [{\"paragraphs\": [{\"context\": ...,"
                        + " \"qas\": [...]}]}]}; format: jsonl reads a question a line");
    }

    private static MtlException unreadable(Path path, IOException e) {
        return new MtlException(
                path
                        + ": "
                        + (e instanceof JsonProcessingException json
                                ? "is not JSON: " + json.getOriginalMessage()
                                : "cannot be read: " + Reasons.of(e)),
                e);
    }

    private static final class SquadRecords implements Records {
        private final Path path;
        private final JsonParser parser;
        private final Deque<SquadRecord> article = new ArrayDeque<>();
        private int questions;

        SquadRecords(Path path, JsonParser parser) {
            this.path = path;
            this.parser = parser;
        }

        @Override
        public @Nullable RawRecord next() {
            try {
                while (article.isEmpty() && parser.nextToken() == JsonToken.START_OBJECT) {
                    read(MAPPER.readTree(parser));
                }
            } catch (IOException e) {
                throw unreadable(path, e);
            }
            if (questions == 0) {
                throw new MtlException(path + ": has no question");
            }
            return article.poll();
        }

        private void read(JsonNode node) {
            for (var paragraph : node.path("paragraphs")) {
                for (var question : paragraph.path("qas")) {
                    var fields = MAPPER.createObjectNode();
                    fields.set("id", question.path("id"));
                    fields.set("title", node.path("title"));
                    fields.set("question", question.path("question"));
                    fields.set("context", paragraph.path("context"));
                    // "impossible" questions of version 2 have none
                    fields.set(
                            ANSWERS,
                            question.has(ANSWERS)
                                    ? question.path(ANSWERS)
                                    : MAPPER.createArrayNode());
                    questions++;
                    article.add(new SquadRecord(fields, path + ":" + questions));
                }
            }
        }

        @Override
        public Kind kind(DataColumn column) {
            return Kind.ANSWERS;
        }

        @Override
        public void close() {
            try {
                parser.close();
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }
    }

    /**
     * A question.
     *
     * @param place the file and the number of the question in it, from 1
     */
    private record SquadRecord(ObjectNode object, String place) implements RawRecord {
        @Override
        public Fields fields() {
            return new JsonFields(object, place);
        }
    }
}
