package dev.mtl.cli;

import dev.mtl.core.head.HeadProvider;
import dev.mtl.torch.Tensor;

import org.jspecify.annotations.NullMarked;
import org.slf4j.Logger;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/** Builds plugins from sources, with the JDK's own compiler. */
final class PluginJar {
    static final String SERVICE = "META-INF/services/" + HeadProvider.class.getName();

    /** The file of {@link #provider}. */
    static final String PROVIDER = "org/example/Provider.java";

    private PluginJar() {}

    /** A provider that is whole, with other text in the place of some of its own. */
    static String provider(String... changes) {
        var source =
                """
                package org.example;

                import dev.mtl.core.head.*;
                import java.util.List;

                public final class Provider implements HeadProvider<Provider.Settings> {
                    public record Settings() {}
                    public Provider() {}
                    @Override public String type() { return "mine"; }
                    @Override public Settings defaults() { return new Settings(); }
                    @Override public List<String> learnLabels(Iterable<Target> targets) { return List.of(); }
                    @Override public TaskHead<?> create(Settings settings, HeadContext context) {
                        throw new IllegalArgumentException("no head");
                    }
                }
                """;
        for (int i = 0; i < changes.length; i += 2) {
            if (!source.contains(changes[i])) {
                throw new AssertionError("no " + changes[i] + " to be changed");
            }
            source = source.replace(changes[i], changes[i + 1]);
        }
        return source;
    }

    /**
     * The sources of a plugin whose head "pairs" says whether two texts are the same in the way
     * that the data means.
     *
     * @param changes as those of {@link #provider}, to either file
     */
    static String[] pairs(String... changes) {
        var sources =
                new String[] {PROVIDER, PAIR_PROVIDER, "org/example/PairHead.java", PAIR_HEAD};
        for (int i = 0; i < changes.length; i += 2) {
            if (!sources[1].contains(changes[i]) && !sources[3].contains(changes[i])) {
                throw new AssertionError("no " + changes[i] + " to be changed");
            }
            sources[1] = sources[1].replace(changes[i], changes[i + 1]);
            sources[3] = sources[3].replace(changes[i], changes[i + 1]);
        }
        return sources;
    }

    private static final String PAIR_PROVIDER =
            """
            package org.example;

            import dev.mtl.core.head.*;
            import java.util.List;
            import java.util.Map;

            public final class Provider implements HeadProvider<Provider.Settings> {
                public enum Kind { SQUARED, PLAIN }
                public record Step(long power) {}
                public record Settings(
                        double dropout,
                        boolean useBias,
                        Kind kind,
                        Step step,
                        List<String> names,
                        Map<String, Double> weights,
                        String note) {
                    // None of these is a setting, whatever they are called.
                    public boolean isSquared() { return kind == Kind.SQUARED; }
                    public String getTitle() { return "pairs of " + names; }
                    public List<String> getNames() { return List.of("other"); }
                }
                @Override public String type() { return "pairs"; }
                @Override public Settings defaults() {
                    return new Settings(
                            0, true, Kind.PLAIN, new Step(1), List.of(), Map.of("same", 1.0), "");
                }
                @Override public List<String> learnLabels(Iterable<Target> targets) {
                    return List.of("different", "same");
                }
                @Override public TaskHead<?> create(Settings settings, HeadContext context) {
                    return new PairHead(settings, context.hiddenSize(), context.labels());
                }
            }
            """;

    private static final String PAIR_HEAD =
            """
            package org.example;

            import dev.mtl.core.head.*;
            import dev.mtl.core.nn.*;
            import dev.mtl.torch.*;
            import java.util.ArrayList;
            import java.util.List;
            import java.util.Map;
            import java.util.Set;

            record PairHead(Provider.Settings settings, int hiddenSize, List<String> labels)
                    implements TaskHead<Integer> {
                @Override public Set<HeadInput> inputs() { return Set.of(HeadInput.SENTENCES); }
                @Override public TextArity textArity() { return TextArity.exactly(2); }
                @Override public List<ParameterSpec> parameters() {
                    return List.of(
                            new ParameterSpec("weight", new long[] {1, hiddenSize}, new Initializer.Uniform(hiddenSize)),
                            new ParameterSpec("bias", new long[] {1}, new Initializer.Constant(0)));
                }
                @Override public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
                    var input = inputs.sentences();
                    var off = input.select(1, 0).sub(input.select(1, 1));
                    var bias = settings.useBias() ? parameters.get("bias") : null;
                    return mode.dropout(off.square(), settings.dropout())
                            .linear(parameters.get("weight"), bias);
                }
                @Override public Integer encodeTarget(Target target, TokenizedTexts texts) {
                    return labels.indexOf(((Target.Category) target).label());
                }
                @Override public Tensor loss(
                        Parameters parameters, Tensor logits, HeadBatch batch, List<Integer> targets) {
                    var same = new float[targets.size()];
                    for (int i = 0; i < same.length; i++) {
                        same[i] = targets.get(i);
                    }
                    return logits.binaryCrossEntropyWithLogits(
                                    Tensors.of(same, same.length, 1).to(logits.device()), Losses.Reduction.SUM)
                            .div(same.length);
                }
                @Override public List<? extends Prediction> predict(
                        Parameters parameters, Tensor logits, HeadBatch batch) {
                    var said = new ArrayList<Said>();
                    for (var row : logits.sigmoid().toFloatRows()) {
                        said.add(new Said(labels.get(row[0] > 0.5f ? 1 : 0), row[0]));
                    }
                    return said;
                }
                record Said(String label, float same) implements Prediction {
                    @Override public Map<String, Object> toJson() { return Map.of("label", label, "same", same); }
                    @Override public String toText() { return label; }
                }
                @Override public Metric newMetric() { return new Right(); }
                @Override public String primaryMetric() { return "accuracy"; }
                static final class Right implements Metric {
                    private double right;
                    private double all;
                    @Override public boolean add(Prediction prediction, Target target) {
                        boolean hit = ((Said) prediction).label().equals(((Target.Category) target).label());
                        right += hit ? 1 : 0;
                        all++;
                        return hit;
                    }
                    @Override public Map<String, Double> scores() { return Map.of("accuracy", right / all); }
                }
            }
            """;

    /** A plugin with a head "mine", as it should be. */
    static Path whole(Path folder, String name) throws IOException {
        return of(folder, name, PROVIDER, provider());
    }

    /** What a plugin is built against: mtl-core and what it brings. */
    static String classPath() {
        return Stream.of(HeadProvider.class, Tensor.class, NullMarked.class, Logger.class)
                .map(PluginJar::origin)
                .collect(Collectors.joining(java.io.File.pathSeparator));
    }

    private static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compiles sources into a directory of classes. */
    static void compile(List<Path> sources, String classPath, Path classes) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var problems = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
            var options = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none"));
            options.addAll(List.of("-Xlint:all,-path,-serial", "-Werror"));
            if (!classPath.isEmpty()) {
                options.addAll(List.of("-classpath", classPath));
            }
            var units = files.getJavaFileObjectsFromPaths(sources);
            if (!compiler.getTask(problems, files, null, options, null, units).call()) {
                throw new AssertionError(problems.toString());
            }
        }
    }

    /** A jar of all files below some directories. */
    static Path jar(Path jar, Path... directories) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (var directory : directories) {
                for (var file : files(directory, "")) {
                    out.putNextEntry(
                            new JarEntry(directory.relativize(file).toString().replace('\\', '/')));
                    Files.copy(file, out);
                }
            }
        }
        return jar;
    }

    static List<Path> files(Path directory, String ending) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    /**
     * A plugin whose service file names {@code org.example.Provider}, from source code.
     *
     * @param sources file names, such as {@code org/example/Provider.java}, each followed by its
     *     text
     */
    static Path of(Path folder, String name, String... sources) throws IOException {
        var classes = Files.createDirectories(folder.resolve(name + "-classes"));
        var files = new ArrayList<Path>();
        for (int i = 0; i < sources.length; i += 2) {
            var file = folder.resolve(name + "-sources").resolve(sources[i]);
            Files.createDirectories(file.getParent());
            files.add(Files.writeString(file, sources[i + 1]));
        }
        if (!files.isEmpty()) {
            compile(files, System.getProperty("java.class.path"), classes);
        }
        writeService(classes, "org.example.Provider");
        return jar(folder.resolve(name + ".jar"), classes);
    }

    static void writeService(Path classes, String line) throws IOException {
        var service = classes.resolve(SERVICE);
        Files.createDirectories(service.getParent());
        Files.writeString(service, line + "\n");
    }
}
