package dev.mtl.mpi;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a launcher says about the processes that it started.
 *
 * @param size how many there are; 0 if it does not say
 * @param family whose launcher it is
 */
record Launch(int size, Family family) {
    /** Implementations with a launcher of their own. */
    enum Family {
        /** {@code mpirun} of Open MPI. */
        OPEN_MPI,
        /** {@code mpiexec} of MPICH and of what is derived from it; Slurm by PMI. */
        PMI,
        /** A launcher by PMIx, such as Slurm's, which runs programs of any implementation. */
        PMIX
    }

    /** The launch that this process is part of; empty if it was started alone. */
    static Optional<Launch> of(Map<String, String> environment) {
        for (var known :
                List.of(
                        Map.entry("OMPI_COMM_WORLD_SIZE", Family.OPEN_MPI),
                        Map.entry("PMI_SIZE", Family.PMI))) {
            var size = environment.get(known.getKey());
            if (size != null && size.matches("\\d{1,9}")) {
                return several(new Launch(Integer.parseInt(size), known.getValue()));
            }
        }
        if (environment.containsKey("PMIX_RANK")) {
            var tasks = environment.getOrDefault("SLURM_STEP_NUM_TASKS", "");
            int size = tasks.matches("\\d{1,9}") ? Integer.parseInt(tasks) : 0;
            return several(new Launch(size, Family.PMIX));
        }
        return Optional.empty();
    }

    private static Optional<Launch> several(Launch launch) {
        return launch.size == 1 ? Optional.empty() : Optional.of(launch);
    }
}
