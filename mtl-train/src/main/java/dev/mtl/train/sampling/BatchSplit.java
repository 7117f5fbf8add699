package dev.mtl.train.sampling;

import dev.mtl.torch.processor.Tuning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How the examples of a step are divided into batches. The division depends on lengths only, never
 * on the number of cores: padding, and with it the last bits of a gradient, depends on the batches.
 */
enum BatchSplit {
    /** Exactly {@code batchSize} examples, in the order in which they were drawn. */
    FIXED_SIZE {
        @Override
        List<int[]> split(int[] examples, int[] lengths, int batchSize) {
            var batches = new ArrayList<int[]>();
            for (int start = 0; start < examples.length; start += batchSize) {
                int end = Math.min(examples.length, start + batchSize);
                batches.add(Arrays.copyOfRange(examples, start, end));
            }
            return batches;
        }
    },
    /**
     * {@code batchSize} examples on average, sorted by length: fewer long ones or more short ones,
     * so that all batches have about the same size once they are padded.
     */
    EQUAL_PADDED_SIZE {
        @Override
        List<int[]> split(int[] examples, int[] lengths, int batchSize) {
            int batches = Math.ceilDiv(examples.length, batchSize);
            return byLength(examples, lengths, batches, BatchSplit::endByPaddedSize);
        }
    },
    /**
     * The same with about the same number of tokens in each, padding not counted, and at least two
     * batches unless the step is small. For a CPU: it computes little on padding, and it runs the
     * batches of a step at once, so that the largest one takes as long as the step.
     */
    EQUAL_TOKENS {
        @Override
        List<int[]> split(int[] examples, int[] lengths, int batchSize) {
            int batches = Math.ceilDiv(examples.length, batchSize);
            int atLeast = examples.length >= Tuning.current().trainingSpreadFrom() ? 2 : 1;
            return byLength(examples, lengths, Math.max(batches, atLeast), BatchSplit::endByTokens);
        }
    };

    /**
     * Divides the examples of a step.
     *
     * @param examples their positions in the data set
     * @param lengths of all examples of the data set, in tokens
     */
    abstract List<int[]> split(int[] examples, int[] lengths, int batchSize);

    /** Where the first of several batches ends that the examples from {@code start} on become. */
    private interface End {
        int of(int[] sorted, int start, int batches, int[] lengths);
    }

    private static List<int[]> byLength(int[] examples, int[] lengths, int batches, End ends) {
        var sorted =
                Arrays.stream(examples)
                        .boxed()
                        .sorted(Comparator.comparingInt((Integer i) -> -lengths[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        var result = new ArrayList<int[]>();
        int start = 0;
        for (int left = batches; left > 0; left--) {
            int end = left == 1 ? sorted.length : ends.of(sorted, start, left, lengths);
            result.add(Arrays.copyOfRange(sorted, start, end));
            start = end;
        }
        return result;
    }

    private static int endByTokens(int[] sorted, int start, int batches, int[] lengths) {
        long rest = Arrays.stream(sorted, start, sorted.length).mapToLong(i -> lengths[i]).sum();
        long tokens = 0;
        int end = start;
        do {
            tokens += lengths[sorted[end++]];
        } while (end <= sorted.length - batches
                && 2 * tokens + lengths[sorted[end]] <= 2 * Math.ceilDiv(rest, batches));
        return end;
    }

    private static int endByPaddedSize(int[] sorted, int start, int batches, int[] lengths) {
        int rest = sorted.length - start;
        int best = start + 1;
        long smallest = Long.MAX_VALUE;
        for (int end = start + 1; end <= sorted.length - batches + 1; end++) {
            long first = (long) (end - start) * lengths[sorted[start]];
            long others =
                    Math.ceilDiv((long) (rest - (end - start)) * lengths[sorted[end]], batches - 1);
            if (Math.max(first, others) < smallest) {
                smallest = Math.max(first, others);
                best = end;
            }
        }
        return best;
    }
}
