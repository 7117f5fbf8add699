package dev.mtl.natives;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A process of its own that unpacks LibTorch as soon as a file appears. */
final class UnpackingProcess {
    private UnpackingProcess() {}

    /**
     * Unpacks and prints the folder.
     *
     * @param arguments the folder of the jars, the cache folder, the file to wait for
     */
    public static void main(String[] arguments) throws Exception {
        var jars = Path.of(arguments[0]);
        var go = Path.of(arguments[2]);
        try (var loader =
                FakeJars.loader(jars.resolve("pytorch.jar"), jars.resolve("openblas.jar"))) {
            while (!Files.exists(go)) {
                Thread.sleep(1);
            }
            var home =
                    LibTorchHome.locate(
                            Map.of(),
                            loader,
                            Path.of(arguments[1]),
                            Platform.LINUX_X86_64,
                            System.out::println);
            System.out.println("directory: " + home.directory());
        }
    }
}
