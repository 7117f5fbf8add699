package dev.mtl.core.encoder;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Embeddings in one byte or one bit for each dimension instead of four bytes, with the values of
 * {@code quantize_embeddings} of sentence-transformers. Immutable.
 *
 * <pre>{@code
 * var ranges = EmbeddingQuantizer.Ranges.of(encoder.encode(sample));
 * byte[] small = EmbeddingQuantizer.of(Format.INT8, ranges).quantize(encoder.encode("a text"));
 * }</pre>
 */
public final class EmbeddingQuantizer {
    private static final int STEPS = 255;

    private final Format format;
    private final @Nullable Ranges ranges;

    private EmbeddingQuantizer(Format format, @Nullable Ranges ranges) {
        this.format = format;
        this.ranges = ranges;
    }

    /** What a byte of the result means. */
    public enum Format {
        /** A dimension in 255 steps of its range, from -128 to 127. */
        INT8,
        /** A dimension in 255 steps of its range, from 0 to 255. */
        UINT8,
        /** Eight dimensions, the first in the highest bit: 1 where positive; less 128. */
        BINARY,
        /** Eight dimensions, the first in the highest bit: 1 where positive; from 0 to 255. */
        UBINARY;

        /** Whether it needs the range of each dimension. */
        public boolean needsRanges() {
            return this == INT8 || this == UINT8;
        }

        /** The number that a byte stands for, which is not signed in every format. */
        public int value(byte quantized) {
            return this == UINT8 || this == UBINARY ? Byte.toUnsignedInt(quantized) : quantized;
        }
    }

    /**
     * The range of each dimension in a calibration set.
     *
     * @param lowest the smallest value of each dimension
     * @param highest the largest value of each dimension
     */
    public record Ranges(float[] lowest, float[] highest) {
        public Ranges {
            if (lowest.length != highest.length) {
                throw new IllegalArgumentException(
                        lowest.length + " lowest values, " + highest.length + " highest ones");
            }
        }

        /**
         * The ranges of embeddings; a hundred and more give useful ones.
         *
         * @throws IllegalArgumentException if there are none, or they differ in length
         */
        public static Ranges of(float[][] embeddings) {
            if (embeddings.length == 0) {
                throw new IllegalArgumentException("no embeddings to take ranges from");
            }
            var ranges = new Ranges(embeddings[0].clone(), embeddings[0].clone());
            for (var embedding : embeddings) {
                requireLength(embedding, ranges.lowest.length);
                for (int i = 0; i < embedding.length; i++) {
                    ranges.lowest[i] = Math.min(ranges.lowest[i], embedding[i]);
                    ranges.highest[i] = Math.max(ranges.highest[i], embedding[i]);
                }
            }
            return ranges;
        }

        /** The ranges of two calibration sets together. */
        public Ranges and(Ranges other) {
            return of(new float[][] {lowest, highest, other.lowest, other.highest});
        }
    }

    /**
     * A quantizer to bits.
     *
     * @throws IllegalArgumentException if the format needs ranges
     */
    public static EmbeddingQuantizer of(Format format) {
        if (format.needsRanges()) {
            throw new IllegalArgumentException(format + " needs ranges");
        }
        return new EmbeddingQuantizer(format, null);
    }

    /** A quantizer with the ranges of a calibration set; formats of bits do not use them. */
    public static EmbeddingQuantizer of(Format format, Ranges ranges) {
        return new EmbeddingQuantizer(format, format.needsRanges() ? ranges : null);
    }

    /**
     * Quantizes an embedding.
     *
     * @return a byte for each dimension, or for eight of them in a format of bits; see {@link
     *     Format#value}
     * @throws IllegalArgumentException if it is not as long as those of the calibration set
     */
    public byte[] quantize(float[] embedding) {
        return ranges == null ? bits(embedding) : steps(embedding, ranges);
    }

    /** {@link #quantize(float[])} of each. */
    public byte[][] quantize(float[][] embeddings) {
        return Arrays.stream(embeddings).map(this::quantize).toArray(byte[][]::new);
    }

    private byte[] steps(float[] embedding, Ranges ranges) {
        requireLength(embedding, ranges.lowest().length);
        int offset = format == Format.INT8 ? -128 : 0;
        var quantized = new byte[embedding.length];
        for (int i = 0; i < quantized.length; i++) {
            float step = (ranges.highest()[i] - ranges.lowest()[i]) / STEPS;
            double steps = Math.floor((embedding[i] - ranges.lowest()[i]) / (step == 0 ? 1 : step));
            quantized[i] = (byte) (Math.clamp(steps, 0.0, STEPS) + offset);
        }
        return quantized;
    }

    private byte[] bits(float[] embedding) {
        int offset = format == Format.BINARY ? -128 : 0;
        var quantized = new byte[(embedding.length + 7) / 8];
        for (int i = 0; i < quantized.length; i++) {
            int bits = 0;
            for (int j = 0; j < 8; j++) {
                int at = i * 8 + j;
                bits = bits << 1 | (at < embedding.length && embedding[at] > 0 ? 1 : 0);
            }
            quantized[i] = (byte) (bits + offset);
        }
        return quantized;
    }

    private static void requireLength(float[] embedding, int length) {
        if (embedding.length != length) {
            throw new IllegalArgumentException(
                    "an embedding of " + embedding.length + " dimensions among those of " + length);
        }
    }
}
