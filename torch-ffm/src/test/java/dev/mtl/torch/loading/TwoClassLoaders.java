package dev.mtl.torch.loading;

import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;

/** Two class loaders with an MTL each, as an application has that is deployed again. */
public final class TwoClassLoaders implements Supplier<String> {
    /** Computes with a tensor, and fails with one, in the class loader of this class. */
    @Override
    public String get() {
        try (var _ = TensorScope.open()) {
            Tensor sum = Tensors.of(new float[] {1, 2, 3}, 3).sum();
            var reason = String.valueOf(NativeErrorTextTest.reasonOfCalling("aten::no_such_op"));
            return sum.item() + ", " + reason.lines().findFirst().orElse("");
        }
    }

    static void run() throws Exception {
        var first = instance();
        var second = instance();
        System.out.println("first: " + first.get());
        System.out.println("second: " + second.get());
        System.out.println("first: " + first.get());
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            var loaded =
                    maps.filter(line -> line.endsWith("libtorch_cpu.so"))
                            .map(line -> line.substring(line.indexOf('/')))
                            .distinct()
                            .count();
            System.out.println(loaded + " LibTorch is loaded");
        }
    }

    @SuppressWarnings("unchecked") // the interface is the JDK's
    private static Supplier<String> instance() throws Exception {
        var path = System.getProperty("java.class.path").split(File.pathSeparator);
        var urls = new URL[path.length];
        for (int i = 0; i < path.length; i++) {
            urls[i] = Path.of(path[i]).toUri().toURL();
        }
        // Left open: the classes are in use until the process ends.
        var loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
        var type = loader.loadClass(TwoClassLoaders.class.getName());
        if (type == TwoClassLoaders.class) {
            throw new AssertionError("the same class: " + Arrays.toString(urls));
        }
        return (Supplier<String>) type.getConstructor().newInstance();
    }
}
