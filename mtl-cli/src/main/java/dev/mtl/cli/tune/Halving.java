package dev.mtl.cli.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asynchronous successive halving (ASHA; Li et al. 2018, arXiv 1810.05934) with one worker: of the
 * trials that reached a rung, the best third goes on to the next, which trains three times as long.
 * With one rung it is random search.
 */
public final class Halving {
    /** Of how many trials of a rung one goes on. */
    public static final int REDUCTION = 3;

    private final int trials;
    private final int rungs;
    private final List<Map<Integer, Double>> losses = new ArrayList<>();

    /**
     * Begins a search.
     *
     * @param trials at most
     * @param rungs at least one
     */
    public Halving(int trials, int rungs) {
        this.trials = trials;
        this.rungs = rungs;
        for (int i = 0; i < rungs; i++) {
            losses.add(new LinkedHashMap<>());
        }
    }

    /** A trial and the rung that it trains to, both from 0. */
    public record Job(int trial, int rung) {}

    /**
     * A trial has reached a rung.
     *
     * @param loss the smaller the better; NaN is the worst
     */
    public void done(Job job, double loss) {
        losses.get(job.rung()).put(job.trial(), loss);
    }

    /** What is to be trained next; empty if the search is over. */
    public Optional<Job> next() {
        for (int rung = rungs - 2; rung >= 0; rung--) {
            var ranked = ranked(rung);
            for (int trial : ranked.subList(0, ranked.size() / REDUCTION)) {
                if (!losses.get(rung + 1).containsKey(trial)) {
                    return Optional.of(new Job(trial, rung + 1));
                }
            }
        }
        int begun = losses.getFirst().size();
        return begun < trials ? Optional.of(new Job(begun, 0)) : Optional.empty();
    }

    /** The trials of a rung, the best first; of equal ones the earlier. */
    private List<Integer> ranked(int rung) {
        // Double.compare has NaN behind all numbers
        var order = Map.Entry.<Integer, Double>comparingByValue(Double::compare);
        return losses.get(rung).entrySet().stream()
                .sorted(order.thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The best trial of the highest rung that any has reached. */
    public Optional<Job> best() {
        for (int rung = rungs - 1; rung >= 0; rung--) {
            if (!losses.get(rung).isEmpty()) {
                return Optional.of(new Job(ranked(rung).getFirst(), rung));
            }
        }
        return Optional.empty();
    }
}
