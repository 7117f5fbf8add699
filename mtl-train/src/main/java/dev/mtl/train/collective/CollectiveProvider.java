package dev.mtl.train.collective;

import java.util.Map;
import java.util.Optional;

/** Finds the processes that a launcher has started; a service. */
public interface CollectiveProvider {
    /**
     * Connects to the other processes of a launch.
     *
     * @param environment the environment variables
     * @return empty if the launcher is another one, or started this process alone
     * @throws dev.mtl.core.MtlException if there are other processes, but they cannot be reached
     */
    Optional<Collective> open(Map<String, String> environment);
}
