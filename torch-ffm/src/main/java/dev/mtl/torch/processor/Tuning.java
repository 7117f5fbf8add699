package dev.mtl.torch.processor;

/**
 * Thresholds that were found by measurement, in one table for each class of processor. {@code mtl
 * doctor} prints those in use.
 *
 * <p>The measurements were made on processors with AVX-512 and VNNI (AMD Zen 4 and Zen 5). Rows of
 * other classes have the same values until a benchmark finds others; {@link #isMeasured} says which
 * is which. Values that decide where a training step is cut into micro-batches are the same for all
 * classes: dropout draws follow them, and a run must not depend on the machine.
 *
 * @param inPlaceNormRows up to how many rows LayerNorm is computed in Java, in place. JMH {@code
 *     LayerBenchmark.layerNorm}; docs/experiments/single-text-latency.md: faster up to 12 rows,
 *     level from 16 to 68, 5 % slower for 120
 * @param packingRows the number of rows for which oneDNN chooses the layout of packed weights. JMH
 *     {@code TextBenchmark.embedOne}; docs/experiments/single-text-latency.md: the layout for 64 is
 *     6 to 20 % faster for a few rows, and at most 3 % slower for hundreds
 * @param packingMaxInputs up to how many inputs a layer is packed for {@code packingRows}; above,
 *     oneDNN's default. The same page: from 2,048 inputs on, batches are 16 to 21 % slower
 * @param unpaddingShare from which share of padding on training leaves it out. JMH {@code
 *     TrainingBenchmark}; docs/decisions/014: moving rows costs under 2 % of a step
 * @param batchTokens tokens in an inference batch on a CPU. JMH {@code EncoderBenchmark};
 *     docs/experiments/embedding-throughput.md: 512 is 11 % faster than 2,048, intermediate results
 *     stay in the cache
 * @param batchPadding how many times {@code batchTokens} a batch of several callers may have on a
 *     CPU with its padding, which only the output of the last layer has. {@code ConcurrentCallers};
 *     docs/experiments/embedding-throughput.md
 * @param cudaBatchTokens tokens in an inference batch on a GPU. JMH {@code EncoderBenchmark},
 *     {@code device=cuda}; docs/experiments/gpu.md
 * @param smallCallBatches into how many batches predictions for a few texts are split. It is fixed,
 *     not the core count: padding, and so the last bits of a result, depends on the batching
 * @param trainingBatch the most texts in a micro-batch on a CPU. JMH {@code TrainingBenchmark};
 *     docs/experiments/training-throughput.md, docs/decisions/005
 * @param trainingSpreadFrom from how many texts on a step has at least two micro-batches. The same
 *     pages: fewer are faster on one core
 */
public record Tuning(
        int inPlaceNormRows,
        int packingRows,
        int packingMaxInputs,
        double unpaddingShare,
        int batchTokens,
        int batchPadding,
        int cudaBatchTokens,
        int smallCallBatches,
        int trainingBatch,
        int trainingSpreadFrom) {
    /** Classes of processors by their vector instructions. */
    public enum ProcessorClass {
        AVX512_VNNI,
        AVX512,
        AVX2,
        /** Without AVX2, or not known. */
        OTHER;

        static ProcessorClass of(ProcessorFeatures features) {
            if (features.hasAvx512()) {
                return features.hasVnni() ? AVX512_VNNI : AVX512;
            }
            return features.hasAvx2() ? AVX2 : OTHER;
        }
    }

    /** Measured on AMD Zen 4 and Zen 5. */
    private static final Tuning ZEN = new Tuning(12, 64, 1536, 0.05, 512, 3, 16_384, 8, 16, 8);

    /** With 512 tokens the widest intermediate result of a small model has 3 MB. */
    private static final long SMALL_CACHE = 4L << 20;

    private static final int SMALL_CACHE_TOKENS = 256;

    private static final ProcessorFeatures FEATURES = ProcessorFeatures.detect();
    private static final Tuning CURRENT = of(FEATURES);

    /** The values for the processor that this runs on. */
    public static Tuning current() {
        return CURRENT;
    }

    /** The processor that this runs on. */
    public static ProcessorFeatures processor() {
        return FEATURES;
    }

    /** The values for a processor. */
    public static Tuning of(ProcessorFeatures features) {
        var row =
                switch (ProcessorClass.of(features)) {
                    case AVX512_VNNI -> ZEN;
                    case AVX512, AVX2, OTHER -> ZEN; // no benchmark has found others yet
                };
        long cache = features.lastLevelCache();
        return cache == 0 || cache >= SMALL_CACHE ? row : row.withBatchTokens(SMALL_CACHE_TOKENS);
    }

    /** Whether the values of a class were measured on a processor of that class. */
    public static boolean isMeasured(ProcessorClass processors) {
        return processors == ProcessorClass.AVX512_VNNI;
    }

    /** The class of the processor that this runs on. */
    public static ProcessorClass currentClass() {
        return ProcessorClass.of(FEATURES);
    }

    private Tuning withBatchTokens(int tokens) {
        return new Tuning(
                inPlaceNormRows,
                packingRows,
                packingMaxInputs,
                unpaddingShare,
                tokens,
                batchPadding,
                cudaBatchTokens,
                smallCallBatches,
                trainingBatch,
                trainingSpreadFrom);
    }
}
