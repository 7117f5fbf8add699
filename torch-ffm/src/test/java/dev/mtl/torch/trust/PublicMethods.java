package dev.mtl.torch.trust;

import dev.mtl.torch.Tensor;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The public methods and constructors of this module's exported packages. */
final class PublicMethods {
    /** Of MTL's own modules: exported to them, and nothing in it touches native memory. */
    private static final Set<String> WITHOUT_NATIVE_CALLS =
            Set.of("dev.mtl.torch.logging", "dev.mtl.torch.processor");

    /** What is not called, each for its own reason. */
    private static final Set<String> LEFT_OUT =
            Set.of(
                    "LibTorchInfo.verifyChecksums", // reads a gigabyte
                    "NativeMemory.keepFreed"); // changes the allocator that guards this process

    private PublicMethods() {}

    /** In an order that does not depend on the JVM. */
    static List<Executable> find() {
        var packages = exportedPackages();
        var found = new ArrayList<Executable>();
        for (var type : types()) {
            if (packages.contains(type.getPackageName())
                    && isPublic(type)
                    && !type.isAnonymousClass()) {
                Stream.of(type.getMethods(), type.getConstructors())
                        .flatMap(Arrays::stream)
                        .filter(call -> call.getDeclaringClass().getName().startsWith("dev.mtl"))
                        .filter(call -> !LEFT_OUT.contains(name(call)))
                        .filter(call -> !Modifier.isAbstract(type.getModifiers()))
                        .filter(call -> !call.isSynthetic())
                        .forEach(found::add);
            }
        }
        return found.stream()
                .distinct()
                .sorted(Comparator.comparing(Executable::toGenericString))
                .peek(call -> call.setAccessible(true)) // of interfaces that are not public
                .toList();
    }

    /** {@code Tensor.close}. */
    static String name(Executable call) {
        return call.getDeclaringClass().getSimpleName()
                + "."
                + (call instanceof java.lang.reflect.Method ? call.getName() : "new");
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getDeclaringClass() == null || isPublic(type.getDeclaringClass()));
    }

    private static List<String> exportedPackages() {
        try (var descriptor = Files.newInputStream(classes().resolve("module-info.class"))) {
            return ModuleDescriptor.read(descriptor).exports().stream()
                    .map(ModuleDescriptor.Exports::source)
                    .filter(name -> !WITHOUT_NATIVE_CALLS.contains(name))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Class<?>> types() {
        try (var files = Files.walk(classes().resolve("dev"))) {
            List<Class<?>> types = new ArrayList<>();
            for (var file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                var name = classes().relativize(file).toString().replace('/', '.');
                if (!name.endsWith("-info.class") && !name.contains(".abi.")) {
                    types.add(
                            Class.forName(
                                    name.substring(0, name.length() - ".class".length()),
                                    false,
                                    PublicMethods.class.getClassLoader()));
                }
            }
            return types;
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The folder of this module's compiled classes. */
    private static Path classes() {
        try {
            return Path.of(
                    Tensor.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
