package dev.mtl.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.Runtime.Version;

class JdkFaultsTest {
    @Test
    void warnsOfG1BeforeJdk25u3() {
        for (var version : new String[] {"25", "25.0.1", "25.0.2+10"}) {
            assertThat(JdkFaults.advice(Version.parse(version), true, false).orElseThrow())
                    .contains("JDK-8377811", "25.0.3");
            assertThat(JdkFaults.advice(Version.parse(version), false, false)).isEmpty();
        }
        assertThat(JdkFaults.advice(Version.parse("25.0.3+9"), true, false)).isEmpty();
        assertThat(JdkFaults.advice(Version.parse("26"), true, false)).isEmpty();
    }

    @Test
    void warnsOfCompactObjectHeaders() {
        assertThat(JdkFaults.advice(Version.parse("25.0.3"), true, true).orElseThrow())
                .contains("JDK-8380060", "-XX:+UseCompactObjectHeaders");
    }
}
