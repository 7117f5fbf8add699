package dev.mtl.spark;

import dev.mtl.core.nn.Devices;

import org.apache.spark.SparkConf;

import java.util.regex.Pattern;

/** How many threads a model has in an executor: those of all tasks that run at once. */
final class ExecutorCores {
    private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+|\\*)(,\\d+)?]");
    private static final Pattern LOCAL_CLUSTER =
            Pattern.compile("local-cluster\\[\\s*\\d+\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");

    private ExecutorCores() {}

    /**
     * The number of workers: {@code spark.task.cpus} for each task that the executor runs at once.
     *
     * @param taskCpus of the running task
     * @param processors of this machine
     */
    static int workers(SparkConf conf, int taskCpus, int processors) {
        int cores = cores(conf, processors);
        int tasks = Math.max(1, cores / taskCpus);
        return Math.min(tasks * taskCpus, Devices.maxWorkers());
    }

    /** The cores of this executor. Where nothing says so, it has all of the machine's. */
    private static int cores(SparkConf conf, int processors) {
        var master = conf.get("spark.master", "");
        if (master.equals("local")) {
            return 1;
        }
        var local = LOCAL.matcher(master);
        if (local.matches()) {
            return local.group(1).equals("*") ? processors : Integer.parseInt(local.group(1));
        }
        var cluster = LOCAL_CLUSTER.matcher(master);
        int otherwise = cluster.matches() ? Integer.parseInt(cluster.group(1)) : processors;
        return conf.getInt("spark.executor.cores", otherwise);
    }
}
