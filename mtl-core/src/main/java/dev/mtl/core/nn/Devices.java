package dev.mtl.core.nn;

import dev.mtl.core.ConfigurationException;
import dev.mtl.torch.Device;
import dev.mtl.torch.logging.Loggers;
import dev.mtl.torch.processor.Tuning;
import dev.mtl.torch.runtime.Cuda;

import org.slf4j.Logger;

/** Resolves a device name, as users write it, to a device of this machine. */
public final class Devices {
    private static final Logger LOG = Loggers.of(Devices.class);

    private Devices() {}

    /**
     * Reads {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}; {@code auto} is the first
     * CUDA device if there is one, else the CPU.
     *
     * @throws ConfigurationException if CUDA is asked for and not available; never a silent
     *     fallback to the CPU
     */
    public static Device choose(String name) {
        if (name.equals("auto")) {
            var chosen = Cuda.isAvailable() ? Device.cuda(0) : Device.CPU;
            LOG.info("device auto: {}", chosen);
            return chosen;
        }
        Device device;
        try {
            device = Device.parse(name);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(e.getMessage() + ", auto", e);
        }
        int count = Cuda.deviceCount();
        if (!device.isCpu() && device.index() >= count) {
            throw new ConfigurationException(
                    "device "
                            + name
                            + ": this LibTorch sees "
                            + (count == 0 ? "no CUDA device" : count + " CUDA devices")
                            + "; it needs a build for CUDA (LIBTORCH=cuda ./mtl, or LIBTORCH_HOME),"
                            + " an NVIDIA driver, cuDNN 9 and the CUDA 13 runtime; mtl doctor says"
                            + " what was found");
        }
        return device;
    }

    /**
     * How many times {@link Tuning#batchTokens} a batch of several callers may have with its
     * padding: on a CPU padding is not computed, on CUDA it is.
     */
    public static int batchPadding(Device device) {
        return device.isCpu() ? Tuning.current().batchPadding() : 1;
    }

    /**
     * The most workers that are of any use, with room for tests on small machines: each has a
     * thread and memory of its own, and more of them than cores only wait for each other.
     */
    public static int maxWorkers() {
        return Math.max(16, 4 * Runtime.getRuntime().availableProcessors());
    }

    /**
     * The number of workers: on a CPU {@code asked}, by default one per core; on CUDA one.
     *
     * @throws ConfigurationException if more are asked for than {@link #maxWorkers}
     */
    public static int workers(Device device, @org.jspecify.annotations.Nullable Integer asked) {
        if (!device.isCpu()) {
            return 1;
        }
        int cores = Runtime.getRuntime().availableProcessors();
        if (asked != null && asked > maxWorkers()) {
            throw new ConfigurationException(
                    "%d workers are asked for, but this machine has %d cores: at most %d; leave it out for one a core"
                            .formatted(asked, cores, maxWorkers()));
        }
        return asked == null ? cores : asked;
    }
}
