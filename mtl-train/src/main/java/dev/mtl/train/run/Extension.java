package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.config.training.FreezingConfig;
import dev.mtl.train.policy.Freezing;
import dev.mtl.train.settings.Schedule;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/**
 * Another number of steps for a run that has begun.
 *
 * @param before how many steps the run was to have
 * @param now how many it is to have
 * @param done how many are done
 */
record Extension(int before, int now, int done) {
    /**
     * Checks that the steps that are done are steps of the longer run, too.
     *
     * @throws ConfigurationException if they are not; says why
     */
    void requirePossible(Freezing freezing, FreezingConfig config) {
        if (now < done) {
            throw new ConfigurationException(
                    "cannot resume: %d steps are done, but training.epochs or training.max_steps says %d; give at least as many, or train anew without --resume"
                            .formatted(done, now));
        }
        if (freezing.stages().size() > 1 && config.unfreezeEvery().equals(FreezingConfig.EVENLY)) {
            throw new ConfigurationException(
                    "cannot resume with %d steps instead of %d: training.freezing.unfreeze_every: even spreads the layers over all steps, so layers that train already would be frozen again; restore the number, or train anew without --resume, with an interval such as unfreeze_every: 1 epoch"
                            .formatted(now, before));
        }
    }

    /** What changes for the user. */
    String describe(Schedule schedule, IntToDoubleFunction factor) {
        return String.format(
                Locale.ROOT,
                "%s from %d to %d steps: from step %d on, the learning rates are those of the %s"
                        + " schedule over %d steps, beginning at %.3g times their peaks",
                now > before ? "extended" : "shortened",
                before,
                now,
                done + 1,
                schedule.name().toLowerCase(Locale.ROOT),
                now,
                factor.applyAsDouble(done));
    }
}
