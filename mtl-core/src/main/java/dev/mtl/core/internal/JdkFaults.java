package dev.mtl.core.internal;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.lang.management.ManagementFactory;
import java.util.Optional;

/** Known faults of JDKs that MTL runs on. */
public final class JdkFaults {
    /** The first JDK 25 in which G1 does not move pinned objects. */
    private static final Runtime.Version MENDED = Runtime.Version.parse("25.0.3");

    private JdkFaults() {}

    /** What to change about this process's JDK. */
    public static Optional<String> ofThisProcess() {
        return advice(Runtime.version(), isOn("UseG1GC"), isOn("UseCompactObjectHeaders"));
    }

    static Optional<String> advice(
            Runtime.Version version, boolean g1, boolean compactObjectHeaders) {
        if (version.feature() == 25 && version.compareToIgnoreOptional(MENDED) < 0 && g1) {
            return Optional.of(
                    "JDK 25.0.0 to 25.0.2 may move objects that native code reads while G1 collects"
                            + " (JDK-8377811): use 25.0.3 or newer, or -XX:+UseParallelGC");
        }
        if (version.feature() == 25 && compactObjectHeaders) {
            return Optional.of(
                    "compact object headers can corrupt the heap of a JDK 25 (JDK-8380060): start"
                            + " without -XX:+UseCompactObjectHeaders");
        }
        return Optional.empty();
    }

    private static boolean isOn(String flag) {
        var vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return vm != null && Boolean.parseBoolean(vm.getVMOption(flag).getValue());
        } catch (IllegalArgumentException e) {
            return false; // this JVM has no such flag
        }
    }
}
