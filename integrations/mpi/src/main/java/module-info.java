import dev.mtl.mpi.MpiProvider;
import dev.mtl.train.collective.CollectiveProvider;

/**
 * Training in several processes by MPI. Exports nothing. On the module path the JVM needs {@code
 * --enable-native-access=dev.mtl.mpi}.
 */
module dev.mtl.mpi {
    requires dev.mtl.train;
    requires static org.jspecify;

    provides CollectiveProvider with
            MpiProvider;
}
