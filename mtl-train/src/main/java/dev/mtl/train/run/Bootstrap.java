package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.progress.Evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How sure scores are, by the bootstrap: scores are computed anew for samples of the data, drawn
 * with replacement, each as large as its dataset. The same data gives the same samples.
 *
 * <ul>
 *   <li>Intervals are between percentiles of the samples (Efron and Tibshirani 1993, chapter 13).
 *   <li>Two models are compared on the same samples, in a two-sided paired test: {@code p} is the
 *       share of the samples whose difference deviates from the observed one at least as much as
 *       the observed one does from 0 (Berg-Kirkpatrick, Burkett, Klein 2012, section 2), where the
 *       observed one counts as a sample.
 * </ul>
 *
 * @param resamples the number of samples
 * @param confidence the level of the intervals, in (0, 1)
 */
public record Bootstrap(int resamples, double confidence) {
    private static final long SEED = 0x626F6F74L;

    public Bootstrap {
        if (resamples < 1) {
            throw new ConfigurationException(
                    "the number of resamples is " + resamples + ", it must be at least 1");
        }
        if (!(confidence > 0 && confidence < 1)) {
            throw new ConfigurationException(
                    "the confidence is " + confidence + ", it must be above 0 and below 1");
        }
    }

    /** The interval of a score. */
    public record Interval(double low, double high) {}

    /**
     * How two models differ in a score.
     *
     * @param value the first model's score minus the second one's
     * @param p the probability of such a difference between models that are equally good
     */
    public record Difference(double value, Interval interval, double p) {}

    /**
     * A result for each score.
     *
     * @param tasks by task and score
     * @param jointAccuracy empty if there is none
     */
    public record ByScore<T>(
            SequencedMap<String, Map<String, T>> tasks, Optional<T> jointAccuracy) {}

    /** The intervals of all scores. */
    public ByScore<Interval> intervals(ScoredData data, IntConsumer progress) {
        var samples = samples(data, List.of(data), progress);
        return byScore(
                data.evaluation(),
                (name, observed) ->
                        interval(
                                samples.stream()
                                        .mapToDouble(own -> name.applyAsDouble(own.getFirst()))
                                        .toArray()));
    }

    /**
     * The differences of the scores that two models share.
     *
     * @throws ConfigurationException if the examples are not the same
     */
    public ByScore<Difference> differences(
            ScoredData first, ScoredData second, IntConsumer progress) {
        first.requireSameExamples(second);
        var samples = samples(first, List.of(first, second), progress);
        var other = second.evaluation();
        return byScore(
                first.evaluation(),
                (name, observed) -> {
                    double value = observed - name.applyAsDouble(other);
                    var differences =
                            samples.stream()
                                    .mapToDouble(
                                            own ->
                                                    name.applyAsDouble(own.getFirst())
                                                            - name.applyAsDouble(own.getLast()))
                                    .toArray();
                    return new Difference(value, interval(differences), p(value, differences));
                });
    }

    private static double p(double value, double[] differences) {
        if (Double.isNaN(value)) {
            return Double.NaN;
        }
        int atLeast = 1;
        for (double difference : differences) {
            // rounding must not decide whether a sample without any difference counts
            atLeast += Math.abs(difference - value) >= Math.abs(value) - 1e-12 ? 1 : 0;
        }
        return (double) atLeast / (differences.length + 1);
    }

    /** The evaluations of each sample, one for each of some data with the same examples. */
    private List<List<Evaluation>> samples(
            ScoredData data, List<ScoredData> all, IntConsumer progress) {
        var done = new AtomicInteger();
        return IntStream.range(0, resamples)
                .parallel()
                .mapToObj(
                        number -> {
                            var rows = data.sample(random(number));
                            var own = new ArrayList<Evaluation>();
                            all.forEach(each -> own.add(each.evaluation(rows)));
                            progress.accept(done.incrementAndGet());
                            return List.copyOf(own);
                        })
                .toList();
    }

    private static SplittableRandom random(int number) {
        return new SplittableRandom(RandomStream.mix(SEED, number));
    }

    /** Without samples in which a score is not defined. */
    private Interval interval(double[] values) {
        var sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (sorted.length == 0) {
            return new Interval(Double.NaN, Double.NaN);
        }
        double outside = (1 - confidence) / 2;
        return new Interval(quantile(sorted, outside), quantile(sorted, 1 - outside));
    }

    private static double quantile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private interface Result<T> {
        T of(ToDoubleFunction<Evaluation> score, double observed);
    }

    private static <T> ByScore<T> byScore(Evaluation evaluation, Result<T> result) {
        var tasks = new LinkedHashMap<String, Map<String, T>>();
        evaluation
                .tasks()
                .forEach(
                        (task, scores) -> {
                            var own = new LinkedHashMap<String, T>();
                            scores.forEach(
                                    (name, value) ->
                                            own.put(
                                                    name,
                                                    result.of(
                                                            other -> score(other, task, name),
                                                            value)));
                            tasks.put(task, own);
                        });
        var joint = evaluation.jointAccuracy();
        return new ByScore<>(
                tasks,
                joint.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                result.of(
                                        other -> other.jointAccuracy().orElse(Double.NaN),
                                        joint.getAsDouble())));
    }

    private static double score(Evaluation evaluation, String task, String name) {
        return evaluation.tasks().getOrDefault(task, Map.of()).getOrDefault(name, Double.NaN);
    }
}
