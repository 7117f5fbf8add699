package dev.mtl.train.streaming;

import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.train.format.DataColumn;
import dev.mtl.train.tags.TagScheme;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a first pass finds out about streamed data. It keeps nothing of single rows.
 *
 * @param name of the source
 * @param tasks that share its rows
 * @param files as they were
 * @param rows that the source takes
 * @param examples of these, the ones that some task can use
 * @param texts of each example
 * @param schemes of the tags, by the place of their column
 * @param labels that the heads have learned, by task
 * @param checksum of the examples
 */
record StreamScan(
        String name,
        List<String> tasks,
        List<ScannedFile> files,
        int rows,
        int examples,
        int texts,
        Map<Integer, TagScheme> schemes,
        Map<String, List<String>> labels,
        String checksum) {
    StreamScan {
        tasks = List.copyOf(tasks);
        files = List.copyOf(files);
        schemes = Map.copyOf(schemes);
        labels = Map.copyOf(labels);
    }

    /**
     * A file.
     *
     * @param size in bytes
     * @param modified when it was written, in milliseconds since 1970
     * @param rows in it, those that the source does not take too
     */
    record ScannedFile(String path, long size, long modified, int rows) {
        private Map<String, Object> toJson() {
            var json = new LinkedHashMap<String, Object>();
            json.put("path", path);
            json.put("size", size);
            json.put("modified", modified);
            json.put("rows", rows);
            return json;
        }
    }

    /** What is kept of it: maps, lists, strings and numbers. */
    Map<String, Object> toJson() {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", name);
        json.put("tasks", tasks);
        json.put("files", files.stream().map(ScannedFile::toJson).toList());
        json.put("rows", rows);
        json.put("examples", examples);
        json.put("texts", texts);
        json.put("schemes", schemes);
        json.put("labels", labels);
        json.put("checksum", checksum);
        return json;
    }

    static StreamScan fromJson(JsonNode json) {
        var files = new ArrayList<ScannedFile>();
        for (var file : json.path("files")) {
            files.add(
                    new ScannedFile(
                            file.path("path").asText(),
                            file.path("size").asLong(),
                            file.path("modified").asLong(),
                            file.path("rows").asInt()));
        }
        var schemes = new HashMap<Integer, TagScheme>();
        for (var scheme : json.path("schemes").properties()) {
            schemes.put(
                    Integer.parseInt(scheme.getKey()),
                    TagScheme.valueOf(scheme.getValue().asText()));
        }
        var labels = new HashMap<String, List<String>>();
        for (var own : json.path("labels").properties()) {
            labels.put(own.getKey(), strings(own.getValue()));
        }
        return new StreamScan(
                json.path("name").asText(),
                strings(json.path("tasks")),
                files,
                json.path("rows").asInt(),
                json.path("examples").asInt(),
                json.path("texts").asInt(),
                schemes,
                labels,
                json.path("checksum").asText());
    }

    private static List<String> strings(JsonNode json) {
        var strings = new ArrayList<String>();
        json.forEach(item -> strings.add(item.asText()));
        return strings;
    }

    /** Whether all rows are examples: then a row need not be read to know that it counts. */
    boolean isWhole() {
        return rows == examples;
    }

    /** The schemes of the columns that have tags. */
    Map<DataColumn, TagScheme> schemes(List<DataColumn> columns) {
        var byColumn = new HashMap<DataColumn, TagScheme>();
        schemes.forEach((place, scheme) -> byColumn.put(columns.get(place), scheme));
        return byColumn;
    }

    /** The number of each file's first row. */
    int[] firstIds() {
        var first = new int[files.size()];
        int id = 1;
        for (int i = 0; i < first.length; i++) {
            first[i] = id;
            id += files.get(i).rows();
        }
        return first;
    }
}
