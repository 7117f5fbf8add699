import org.slf4j.spi.SLF4JServiceProvider;

/**
 * LibTorch through the Foreign Function and Memory API. On the module path the JVM needs {@code
 * --enable-native-access=dev.mtl.torch}.
 */
@SuppressWarnings("module") // the modules named in exports are compiled later
module dev.mtl.torch {
    requires dev.mtl.natives;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.mtl.torch;
    exports dev.mtl.torch.error;
    exports dev.mtl.torch.optim;
    exports dev.mtl.torch.runtime;

    // The encoder's CPU inference. Kernels bypass LibTorch's checks, and packed weights must not
    // reach general operators: not for users.
    exports dev.mtl.torch.kernels to
            dev.mtl.core;

    // Loggers for MTL's modules.
    exports dev.mtl.torch.logging to
            dev.mtl.core,
            dev.mtl.train;

    // Training in several processes: what goes over the network is read and written in place.
    exports dev.mtl.torch.memory to
            dev.mtl.train;

    // Tuning values for all of MTL.
    exports dev.mtl.torch.processor to
            dev.mtl.core,
            dev.mtl.train,
            dev.mtl.cli;

    // Asked whether the application has one.
    uses SLF4JServiceProvider;
}
