package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutorCoresTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "local                  | 0 | 1 | 1",
                "local[2]               | 0 | 1 | 2",
                "local[3,4]             | 0 | 1 | 3",
                "local[*]               | 0 | 1 | 8",
                "local[5]               | 0 | 2 | 4",
                "local-cluster[2,1,900] | 0 | 1 | 1",
                "spark://host:7077      | 0 | 1 | 8",
                "spark://host:7077      | 6 | 4 | 4",
                "yarn                   | 4 | 1 | 4",
                "yarn                   | 4 | 2 | 4",
                "yarn                   | 5 | 2 | 4",
                "yarn                   | 2 | 4 | 4"
            })
    void aModelHasTheThreadsOfAllTasksThatRunAtOnce(
            String master, int executorCores, int taskCpus, int workers) {
        var conf = new SparkConf(false).set("spark.master", master);
        if (executorCores > 0) {
            conf.set("spark.executor.cores", String.valueOf(executorCores));
        }

        assertThat(ExecutorCores.workers(conf, taskCpus, 8)).isEqualTo(workers);
    }
}
