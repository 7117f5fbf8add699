package dev.mtl.core.arrangement;

import static dev.mtl.core.arrangement.PreNormRotary.EPS;
import static dev.mtl.core.arrangement.PreNormRotary.HEADS;
import static dev.mtl.core.arrangement.PreNormRotary.HIDDEN;
import static dev.mtl.core.arrangement.PreNormRotary.LAYERS;
import static dev.mtl.core.arrangement.PreNormRotary.WINDOW;

import java.util.Map;
import java.util.Objects;

/** {@link PreNormRotary} on one sequence, in loops over doubles. */
record PlainJava(Map<String, double[]> weights) {
    private double[] get(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    /** {@code [S][H]}. */
    double[][] forward(long... ids) {
        var x = new double[ids.length][];
        for (int i = 0; i < ids.length; i++) {
            x[i] = new double[HIDDEN];
            System.arraycopy(get("words"), (int) ids[i] * HIDDEN, x[i], 0, HIDDEN);
        }
        x = norm("embeddings", x);
        for (int layer = 0; layer < LAYERS; layer++) {
            var normalized = norm(layer + ".norm1", x);
            x = add(x, linear(layer + ".o", attention(layer, normalized)));
            normalized = norm(layer + ".norm2", x);
            var inner = linear(layer + ".up", normalized);
            var gates = linear(layer + ".gate", normalized);
            for (int i = 0; i < inner.length; i++) {
                for (int j = 0; j < inner[i].length; j++) {
                    inner[i][j] = gelu(inner[i][j]) * gates[i][j];
                }
            }
            x = add(x, linear(layer + ".down", inner));
        }
        return norm("final", x);
    }

    private double[][] attention(int layer, double[][] x) {
        var query = rotate(linear(layer + ".q", x));
        var key = rotate(linear(layer + ".k", x));
        var value = linear(layer + ".v", x);
        int width = HIDDEN / HEADS;
        var context = new double[x.length][HIDDEN];
        for (int head = 0; head < HEADS; head++) {
            for (int i = 0; i < x.length; i++) {
                var weights = new double[x.length];
                double sum = 0;
                for (int j = 0; j < x.length; j++) {
                    double score = 0;
                    for (int d = head * width; d < (head + 1) * width; d++) {
                        score += query[i][d] * key[j][d];
                    }
                    boolean seen = layer % 2 == 0 || Math.abs(i - j) <= WINDOW;
                    weights[j] = seen ? Math.exp(score / Math.sqrt(width)) : 0;
                    sum += weights[j];
                }
                for (int j = 0; j < x.length; j++) {
                    for (int d = head * width; d < (head + 1) * width; d++) {
                        context[i][d] += weights[j] / sum * value[j][d];
                    }
                }
            }
        }
        return context;
    }

    private static double[][] rotate(double[][] x) {
        int width = HIDDEN / HEADS;
        int half = width / 2;
        var rotated = new double[x.length][HIDDEN];
        for (int i = 0; i < x.length; i++) {
            for (int d = 0; d < HIDDEN; d++) {
                int inHead = d % width;
                double angle = PreNormRotary.angle(i, inHead % half, half);
                double partner = inHead < half ? -x[i][d + half] : x[i][d - half];
                rotated[i][d] = x[i][d] * Math.cos(angle) + partner * Math.sin(angle);
            }
        }
        return rotated;
    }

    private double[][] linear(String name, double[][] x) {
        var weight = get(name + ".weight");
        var bias = get(name + ".bias");
        var result = new double[x.length][bias.length];
        for (int i = 0; i < x.length; i++) {
            for (int out = 0; out < bias.length; out++) {
                result[i][out] = bias[out];
                for (int in = 0; in < x[i].length; in++) {
                    result[i][out] += weight[out * x[i].length + in] * x[i][in];
                }
            }
        }
        return result;
    }

    private double[][] norm(String name, double[][] x) {
        var result = new double[x.length][HIDDEN];
        for (int i = 0; i < x.length; i++) {
            double mean = 0;
            for (double value : x[i]) {
                mean += value / HIDDEN;
            }
            double variance = 0;
            for (double value : x[i]) {
                variance += (value - mean) * (value - mean) / HIDDEN;
            }
            for (int d = 0; d < HIDDEN; d++) {
                result[i][d] =
                        (x[i][d] - mean) / Math.sqrt(variance + EPS) * get(name + ".weight")[d]
                                + get(name + ".bias")[d];
            }
        }
        return result;
    }

    private static double[][] add(double[][] a, double[][] b) {
        for (int i = 0; i < a.length; i++) {
            for (int d = 0; d < HIDDEN; d++) {
                b[i][d] += a[i][d];
            }
        }
        return b;
    }

    private static double gelu(double x) {
        return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }
}
