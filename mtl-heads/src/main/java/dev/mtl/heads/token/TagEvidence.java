package dev.mtl.heads.token;

import dev.mtl.heads.Temperature;

/**
 * Why an entity was found.
 *
 * @param probabilities for each of its words, those of all tags
 * @param tags for each of its words, the index of its tag
 */
@SuppressWarnings("ArrayRecordComponent") // one for each entity, never compared
record TagEvidence(float[][] probabilities, int[] tags) implements Temperature.Confidence {
    /** The mean probability of the words' tags. */
    @Override
    public double at(double temperature) {
        double sum = 0;
        for (int word = 0; word < tags.length; word++) {
            var row = probabilities[word];
            sum += temperature == 1 ? row[tags[word]] : scaled(row, tags[word], temperature);
        }
        return sum / tags.length;
    }

    /** Dividing logits raises the probabilities of their softmax to the inverse power. */
    private static double scaled(float[] row, int tag, double temperature) {
        double sum = 0;
        for (float probability : row) {
            sum += Math.pow(probability, 1 / temperature);
        }
        return Math.pow(row[tag], 1 / temperature) / sum;
    }
}
