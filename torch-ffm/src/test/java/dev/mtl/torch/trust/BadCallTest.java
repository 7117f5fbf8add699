package dev.mtl.torch.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.torch.testing.ChildJvm;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Each {@link BadCall} in a child JVM, which goes on with the next where one killed it. */
class BadCallTest {
    private static final Map<BadCall, String> OUTCOMES = new EnumMap<>(BadCall.class);

    @BeforeAll
    static void makeTheCalls(@TempDir Path folder) throws Exception {
        List<BadCall> left = new ArrayList<>(Arrays.asList(BadCall.values()));
        while (!left.isEmpty()) {
            var names = left.stream().map(BadCall::name).toArray(String[]::new);
            var run = new ChildJvm(folder).run(BadCall.class, names);
            for (var line : run.out().lines().toList()) {
                if (!left.isEmpty() && line.startsWith(left.getFirst().name() + " ")) {
                    OUTCOMES.put(left.removeFirst(), line);
                }
            }
            if (!left.isEmpty()) {
                OUTCOMES.put(left.removeFirst(), "the JVM died: " + run);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BadCall.class)
    void endsInAnException(BadCall call) {
        assertThat(OUTCOMES.get(call)).startsWith(call + " IllegalArgumentException: ");
    }
}
