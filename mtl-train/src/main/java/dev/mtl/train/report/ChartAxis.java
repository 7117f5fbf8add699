package dev.mtl.train.report;

import java.util.ArrayList;
import java.util.List;

/**
 * The range of a chart's axis, which begins and ends at round values.
 *
 * @param interval distance of two ticks: 1, 2 or 5 times a power of ten
 */
record ChartAxis(double from, double to, double interval) {
    /** An axis with about five intervals that covers a range of values. */
    static ChartAxis of(double min, double max) {
        // Equal values get a range around them.
        double span = max > min ? max - min : max == 0 ? 1 : Math.abs(max);
        double rough = span / 5;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double mantissa = rough / power;
        double interval =
                power * (mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10);
        double from = Math.floor(min / interval) * interval;
        double to = Math.ceil(max / interval) * interval;
        return new ChartAxis(from, to > from ? to : from + interval, interval);
    }

    /** An axis of training steps: from 0, with ticks at whole steps only. */
    static ChartAxis ofSteps(double max) {
        var axis = of(0, Math.max(1, max));
        return new ChartAxis(0, axis.to(), Math.max(1, axis.interval()));
    }

    List<Double> ticks() {
        var ticks = new ArrayList<Double>();
        for (long i = Math.round(from / interval); i * interval <= to + interval / 1e6; i++) {
            ticks.add(i * interval);
        }
        return ticks;
    }

    /** Where a value lies between the ends: 0 at {@code from}, 1 at {@code to}. */
    double share(double value) {
        return (value - from) / (to - from);
    }
}
