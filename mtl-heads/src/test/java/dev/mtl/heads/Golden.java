package dev.mtl.heads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What {@code benchmarks/peers/golden_calibration.py} wrote. */
public final class Golden {
    private static final Path FILE = Path.of("src/test/resources/dev/mtl/heads/calibration.json");

    private Golden() {}

    /** A part of the file. */
    public static JsonNode read(String name) {
        try {
            return new JsonMapper().readTree(FILE.toFile()).path(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An array of numbers. */
    public static float[] floats(JsonNode array) {
        var values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.parseFloat(array.get(i).asText());
        }
        return values;
    }

    /** An array of numbers. */
    public static double[] doubles(JsonNode array) {
        var values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asDouble();
        }
        return values;
    }

    /** An array of whole numbers. */
    public static int[] ints(JsonNode array) {
        var values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }

    /** An array of numbers, row by row. */
    public static List<float[]> rows(JsonNode array, int width) {
        var rows = new ArrayList<float[]>();
        var values = floats(array);
        for (int from = 0; from < values.length; from += width) {
            rows.add(Arrays.copyOfRange(values, from, from + width));
        }
        return rows;
    }
}
