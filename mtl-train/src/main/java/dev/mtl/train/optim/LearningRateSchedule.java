package dev.mtl.train.optim;

import dev.mtl.train.settings.Schedule;

/**
 * The learning rates over a whole run, as a factor of their peaks. It is a function of the step's
 * number, so a resumed run needs no state of it.
 *
 * @param shape after the warmup
 * @param warmupSteps over which the factor rises from 0
 * @param steps of the whole run
 * @param polynomialPower for {@link Schedule#POLYNOMIAL}
 */
public record LearningRateSchedule(
        Schedule shape, int warmupSteps, int steps, double polynomialPower) {
    /**
     * The factor of a step.
     *
     * @param step from 0
     */
    public double factor(int step) {
        return shape.factor(step, warmupSteps, steps, polynomialPower);
    }
}
