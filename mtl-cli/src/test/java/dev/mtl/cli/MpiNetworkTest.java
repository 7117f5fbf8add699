package dev.mtl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Training on two hosts, for which network namespaces of Linux stand: processes with interfaces of
 * their own, joined by a link that can be slow or cut. Needs root and Open MPI.
 */
class MpiNetworkTest {
    private static final String TRAINING =
            "max_steps: 60, gradient_accumulation_steps: 6, evaluate_every: 20 steps,"
                    + " checkpoint_every: 10 steps, seed: 5";

    /** Takes a host name, and becomes a command. */
    private static final String ENTER = "hostname \"$0\"; exec \"$@\"";

    private static final List<String> HOSTS = List.of("10.77.0.1", "10.77.0.2");

    /** Namespaces belong to the whole machine, and names of interfaces have 15 characters. */
    private final String name = "mtl" + ProcessHandle.current().pid();

    private final Path folder;
    private final MpiRuns runs;

    MpiNetworkTest(@TempDir Path folder) {
        this.folder = folder;
        runs = new MpiRuns(folder);
    }

    private static int sh(String command) throws Exception {
        return new ProcessBuilder("/bin/sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @BeforeEach
    void join() throws Exception {
        MpiRuns.assumeInstalled("mpirun");
        assumeTrue(sh("mpirun --version | grep -q 'Open MPI'") == 0, "another MPI is installed");
        MpiRuns.assumeInstalled("ip");
        assumeTrue(
                sh("ip netns add %1$sa && ip netns add %1$sb".formatted(name)) == 0,
                "the system does not allow network namespaces");
        var link = "ip link add %1$s netns %1$sa type veth peer name %1$s netns %1$sb";
        assertThat(sh(link.formatted(name))).isZero();
        for (int i = 0; i < 2; i++) {
            var commands = "ip addr add %s/24 dev %s && ip link set lo up && ip link set %2$s up";
            assertThat(in(i, commands.formatted(HOSTS.get(i), name))).isZero();
        }
        // Open MPI starts a daemon on the other host by what it takes for ssh
        var agent = folder.resolve("agent");
        Files.writeString(
                agent,
                """
                #!/bin/sh
                shift
                exec ip netns exec %1$s unshare -u sh -c '%2$s' %1$s sh -c "$*"
                """
                        .formatted(name + "b", ENTER));
        assertThat(agent.toFile().setExecutable(true)).isTrue();
        var launcher = new ArrayList<>(List.of("ip", "netns", "exec", name + "a"));
        launcher.addAll(List.of("unshare", "-u", "sh", "-c", ENTER, name + "a", "mpirun"));
        launcher.addAll(List.of("--host", String.join(",", HOSTS)));
        launcher.addAll(List.of("--mca", "plm_rsh_agent", agent.toString()));
        launcher.addAll(List.of("--mca", "btl", "tcp,self"));
        launcher.addAll(List.of("--mca", "btl_tcp_if_include", "10.77.0.0/24"));
        launcher.addAll(List.of("--mca", "oob_tcp_if_include", "10.77.0.0/24"));
        runs.launcher = launcher;
        runs.configure(TRAINING);
    }

    private int in(int host, String commands) throws Exception {
        return sh("ip netns exec %s%s sh -c '%s'".formatted(name, "ab".charAt(host), commands));
    }

    private void kill() throws Exception {
        for (int i = 0; i < 2; i++) {
            sh("ip netns pids %s%s | xargs -r kill -9".formatted(name, "ab".charAt(i)));
        }
    }

    @AfterEach
    void part() throws Exception {
        kill();
        runs.close();
        for (int i = 0; i < 2; i++) {
            sh("ip netns del %s%s".formatted(name, "ab".charAt(i)));
        }
    }

    @Test
    void hostsWithASlowLinkWriteTheBytesOfOne() throws Exception {
        runs.trainAlone("one");
        assertThat(
                        in(
                                0,
                                "tc qdisc add dev "
                                        + name
                                        + " root tbf rate 20mbit burst 16kb latency 1s"))
                .isZero();
        var launcher = runs.start(2, "slow");
        var text = runs.end(launcher);
        assertThat(launcher.exitValue()).as(text).isZero();
        runs.assertSameModel("slow", "one");
    }

    @Test
    void aLinkThatIsCutEndsTheRunWithItsReasonAndACheckpoint() throws Exception {
        runs.trainAlone("whole");
        runs.timeLimit = "10";
        var launcher = runs.start(2, "cut");
        runs.awaitCheckpoint(launcher, "cut");
        assertThat(in(1, "ip link set " + name + " down")).isZero();
        var deadline = Instant.now().plusSeconds(60);
        while (!runs.said().contains("has waited 10 s for")) {
            assertThat(Instant.now()).as(runs.said()).isBefore(deadline);
            Thread.sleep(100);
        }
        // what is left is the launcher, which asks the daemon of the other host to end, too
        kill();
        launcher.waitFor();
        runs.launcher = List.of("mpirun");
        var again = runs.start(3, "cut", "--resume");
        assertThat(runs.end(again)).containsPattern("resumed after step \\d+\n");
        runs.assertSameModel("cut", "whole");
    }
}
