package dev.mtl.train.settings;

/**
 * The shape of the learning rates over the steps, as a factor of their peaks.
 *
 * @see <a
 *     href="https://github.com/huggingface/transformers/blob/main/src/transformers/optimization.py">optimization.py</a>
 */
public enum Schedule {
    CONSTANT {
        @Override
        double after(double progress, double power) {
            return 1;
        }
    },
    /** Linear decay to zero. */
    LINEAR {
        @Override
        double after(double progress, double power) {
            return 1 - progress;
        }
    },
    /** Decay to zero along half a period of a cosine. */
    COSINE {
        @Override
        double after(double progress, double power) {
            return 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    },
    /** Decay to zero as a power of the remaining share of the steps. */
    POLYNOMIAL {
        @Override
        double after(double progress, double power) {
            return Math.pow(1 - progress, power);
        }
    };

    /**
     * The factor after the warmup.
     *
     * @param progress 0 at the end of the warmup, 1 at the end of training
     * @param power for {@link #POLYNOMIAL}
     */
    abstract double after(double progress, double power);

    /**
     * The factor of a step: linear from 0 to 1 during the warmup, then as the schedule says.
     *
     * @param step from 0
     * @param warmupSteps steps of the warmup
     * @param steps of the whole training
     * @param power for {@link #POLYNOMIAL}
     */
    public double factor(int step, int warmupSteps, int steps, double power) {
        if (step < warmupSteps) {
            return (double) step / warmupSteps;
        }
        double progress = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
        return after(Math.min(1, progress), power);
    }
}
