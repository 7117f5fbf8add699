package dev.mtl.mpi;

import dev.mtl.core.ConfigurationException;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.collective.CollectiveProvider;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Finds the processes of {@code mpirun}, {@code mpiexec} or Slurm's {@code srun}. */
public final class MpiProvider implements CollectiveProvider {
    /** Seconds after which a process that does not answer counts as dead. */
    static final String TIME_LIMIT = "MTL_MPI_TIMEOUT";

    private static final String DEFAULT_TIME_LIMIT = "1800";

    @Override
    public Optional<Collective> open(Map<String, String> environment) {
        return Launch.of(environment)
                .map(
                        launch -> {
                            var library =
                                    MpiLibrary.open(
                                            launch.family(), environment.get(MpiLibrary.VARIABLE));
                            return MpiCollective.open(library, launch, timeLimit(environment));
                        });
    }

    private static Duration timeLimit(Map<String, String> environment) {
        var seconds = environment.getOrDefault(TIME_LIMIT, DEFAULT_TIME_LIMIT);
        if (!seconds.matches("[1-9]\\d{0,8}")) {
            throw new ConfigurationException(
                    "%s is '%s': expected a number of seconds, such as %s"
                            .formatted(TIME_LIMIT, seconds, DEFAULT_TIME_LIMIT));
        }
        return Duration.ofSeconds(Long.parseLong(seconds));
    }
}
