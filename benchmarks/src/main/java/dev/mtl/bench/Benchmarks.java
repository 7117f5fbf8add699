package dev.mtl.bench;

import dev.mtl.torch.runtime.LibTorchInfo;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs benchmarks as JMH's main class does, but skips rows for CUDA, with a message, where there is
 * no CUDA device: the same command serves on a CPU and on a GPU.
 */
public final class Benchmarks {
    private Benchmarks() {}

    /** Takes a pattern of benchmarks and JMH's other options. */
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        var options = new CommandLineOptions(args);
        var wanted = options.getParameter("device").orElse(List.of("cpu", "cuda"));
        new Runner(on(devices(wanted, LibTorchInfo.load().cudaDevices()), options)).run();
    }

    private static Options on(List<String> devices, Options options) {
        return new OptionsBuilder()
                .parent(options)
                .param("device", devices.toArray(String[]::new))
                .build();
    }

    /**
     * The requested devices that exist.
     *
     * @param cudaDevices how many CUDA devices there are
     */
    static List<String> devices(Iterable<String> wanted, int cudaDevices) {
        var present = new ArrayList<String>();
        for (var device : wanted) {
            if (device.equals("cpu") || cudaDevices > 0) {
                present.add(device);
            } else {
                System.err.println("no CUDA device: skipping the rows of device=" + device);
            }
        }
        return present;
    }
}
