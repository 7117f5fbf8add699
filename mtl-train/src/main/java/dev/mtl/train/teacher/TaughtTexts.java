package dev.mtl.train.teacher;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.core.internal.Reasons;
import dev.mtl.core.internal.files.AtomicFile;
import dev.mtl.core.internal.files.Sha256;
import dev.mtl.core.nn.io.ParameterWriter;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.weights.SafetensorsReader;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.workers.SharedEmbeddings;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A teacher's embeddings of some texts. In the directory of a run they are {@code
 * teachers/KEY.safetensors}, where the key is a checksum of the teacher's weights and of the texts.
 */
final class TaughtTexts {
    private static final String FOLDER = "teachers";

    /** Rows of one tensor: buffers have at most 2 GB. */
    private static final int ROWS = 1 << 16;

    private final String key;
    private final Map<String, Integer> places = new HashMap<>();
    private final float[][] embeddings;

    private TaughtTexts(String key, List<String> texts, float[][] embeddings) {
        this.key = key;
        this.embeddings = embeddings;
        for (int i = 0; i < embeddings.length; i++) {
            places.put(texts.get(i), i);
        }
    }

    /**
     * The embeddings of texts: those that a run has kept, or new ones.
     *
     * @param texts all different, the same in all processes
     * @param processes each computes a part
     * @throws ConfigurationException if a process has another teacher or other texts
     */
    static TaughtTexts of(
            ModelDirectory model, List<String> texts, Teachers.Setup setup, Collective processes) {
        var key = key(model, texts);
        var file = file(setup.run(), key);
        var sharing = new SharedEmbeddings(processes, texts.size());
        if (sharing.isKept(key, Files.exists(file))) {
            var kept = processes.rank() == 0 ? read(file, texts.size()) : new float[0][];
            return new TaughtTexts(key, texts, sharing.ofFirst(kept));
        }
        setup.note()
                .accept(
                        String.format(
                                Locale.ROOT,
                                "teacher %s: embeddings of %,d texts are computed once",
                                model.name(),
                                texts.size()));
        try (var encoder = SentenceEncoder.load(model, setup.options())) {
            var embeddings = sharing.ofAll((from, to) -> encoder.encode(texts.subList(from, to)));
            return new TaughtTexts(key, texts, embeddings);
        }
    }

    private static String key(ModelDirectory model, List<String> texts) {
        var digest = Sha256.digest();
        try {
            digest.update(Sha256.of(model.weights()).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new MtlException(model.weights() + ": cannot be read: " + Reasons.of(e), e);
        }
        for (var text : texts) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    private static Path file(Path run, String key) {
        return run.resolve(FOLDER).resolve(key + ".safetensors");
    }

    /** The embedding of a text, not to be changed; null if it is none of these. */
    float @Nullable [] embedding(String text) {
        var place = places.get(text);
        return place == null ? null : embeddings[place];
    }

    private static String part(int index) {
        return "embeddings." + index;
    }

    /** Writes the embeddings into the directory of a run, unless it has them. */
    void keep(Path run) {
        var file = file(run, key);
        if (embeddings.length == 0 || Files.exists(file)) {
            return;
        }
        int size = embeddings[0].length;
        try (var _ = TensorScope.open()) {
            Files.createDirectories(file.getParent());
            var tensors = new LinkedHashMap<String, Tensor>();
            for (int from = 0; from < embeddings.length; from += ROWS) {
                int rows = Math.min(ROWS, embeddings.length - from);
                var flat = new float[rows * size];
                for (int i = 0; i < rows; i++) {
                    System.arraycopy(embeddings[from + i], 0, flat, i * size, size);
                }
                tensors.put(part(from / ROWS), Tensors.of(flat, rows, size));
            }
            AtomicFile.replace(file, staging -> ParameterWriter.write(staging, tensors));
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }

    private static float[][] read(Path file, int count) {
        var rows = new float[count][];
        try (var reader = SafetensorsReader.open(file);
                var _ = TensorScope.open()) {
            for (int from = 0; from < count; from += ROWS) {
                var name = part(from / ROWS);
                var info = reader.info(name);
                var part =
                        Tensors.written(
                                        info.dtype(),
                                        bytes -> reader.read(name, bytes),
                                        info.shape())
                                .toFloatRows();
                System.arraycopy(part, 0, rows, from, part.length);
            }
            return rows;
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be read: " + Reasons.of(e), e);
        }
    }
}
