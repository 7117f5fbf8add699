package dev.mtl.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.ConfigurationException;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

class NativeAccessTest {
    /** What a task does first. */
    static final class Task {
        public static void main(String[] arguments) {
            try {
                ExecutorAnswer.requireNativeAccess();
                System.out.print("enabled");
            } catch (ConfigurationException e) {
                System.out.print(e.getMessage());
            }
        }
    }

    private static String outputOf(String flag) throws Exception {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                flag,
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                Task.class.getName())
                        .redirectErrorStream(true)
                        .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void aMissingFlagIsNamed() throws Exception {
        assertThat(outputOf("--illegal-native-access=deny"))
                .startsWith("native access is not enabled: give spark.executor.extraJavaOptions=")
                .contains("--enable-native-access=ALL-UNNAMED to spark-submit");
        assertThat(outputOf("--enable-native-access=ALL-UNNAMED")).isEqualTo("enabled");
    }
}
