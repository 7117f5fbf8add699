package dev.mtl.core.weights;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.torch.DType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Files with random damage either open, and then every tensor has the bytes at the offsets that
 * another JSON parser finds in the header, or are refused with a {@link WeightFileException}.
 */
class SafetensorsFuzzTest {
    private static final int FILES = 100_000;
    private static final long SEED = 20_251;
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final JsonMapper JSON = new JsonMapper();
    private static final String[] NUMBERS = {
        "0",
        "1",
        "2",
        "4",
        "8",
        "12",
        "16",
        "-1",
        "65",
        "2147483648",
        "4294967296",
        "4611686018427387904",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "1e1",
        "8.0",
        "007"
    };

    @TempDir Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Mutator mutator = new Mutator(random);

    @Test
    void aDamagedFileIsReadRightOrRefused() throws IOException {
        var seeds = seeds();
        var file = folder.resolve("damaged.safetensors");
        var opened = 0;
        var tensors = 0;
        for (var i = 0; i < FILES; i++) {
            var bytes = damaged(seeds.get(random.nextInt(seeds.size())));
            Files.write(file, bytes);
            try (var reader = SafetensorsReader.open(file)) {
                requireTrue(reader, bytes);
                opened++;
                tensors += reader.tensors().size();
            } catch (WeightFileException e) {
                assertThat(e).hasMessageStartingWith(file + ": ");
            } catch (Throwable e) {
                throw new AssertionError("seed %d, file %d".formatted(SEED, i), e);
            }
        }
        System.out.printf(
                "safetensors: %d damaged files, %d opened with %d tensors, %d refused%n",
                FILES, opened, tensors, FILES - opened);
        assertThat(opened).as("files that are still right").isBetween(FILES / 100, FILES / 2);
    }

    /** Compares with what a parser of its own finds, which takes the file to be right. */
    private static void requireTrue(SafetensorsReader reader, byte[] bytes) throws IOException {
        var length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        var header = JSON.readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
        var names = new ArrayList<String>();
        var total = 0;
        for (var field : header.properties()) {
            if (field.getKey().equals("__metadata__")) {
                continue;
            }
            names.add(field.getKey());
            var info = reader.info(field.getKey());
            assertThat(SafetensorsTypes.nameOf(info.dtype()))
                    .isEqualTo(field.getValue().get("dtype").textValue());
            var shape = field.getValue().get("shape");
            assertThat(info.shape()).hasSize(shape.size());
            for (var i = 0; i < shape.size(); i++) {
                assertThat(info.size(i)).isEqualTo(shape.get(i).longValue());
            }
            var start = 8 + length + field.getValue().get("data_offsets").get(0).intValue();
            var end = 8 + length + field.getValue().get("data_offsets").get(1).intValue();
            assertThat(reader.read(field.getKey()).array())
                    .isEqualTo(Arrays.copyOfRange(bytes, start, end));
            total += end - start;
        }
        assertThat(reader.tensors().keySet()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(total).isEqualTo(bytes.length - 8 - length);
    }

    private byte[] damaged(byte[] seed) {
        return switch (random.nextInt(5)) {
            case 0 -> mutator.mutate(seed);
            case 1 -> withLength(seed, lengthOf(seed) + random.nextInt(-20, 21));
            case 2 -> withLength(seed, random.nextLong() >> random.nextInt(64));
            case 3 -> withNumber(seed);
            default -> withHeader(seed, mutator.mutate(header(seed)));
        };
    }

    private byte[] withNumber(byte[] seed) {
        var header = new String(header(seed), StandardCharsets.ISO_8859_1);
        var found = NUMBER.matcher(header).results().toList();
        var chosen = found.get(random.nextInt(found.size()));
        var other = NUMBERS[random.nextInt(NUMBERS.length)];
        var changed = header.substring(0, chosen.start()) + other + header.substring(chosen.end());
        return withHeader(seed, changed.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Another header of its right length, so that the damage gets as far as the JSON. */
    private static byte[] withHeader(byte[] seed, byte[] header) {
        return withLength(
                Mutator.spliced(seed, 8, 8 + (int) lengthOf(seed), header), header.length);
    }

    private static byte[] header(byte[] seed) {
        return Arrays.copyOfRange(seed, 8, 8 + (int) lengthOf(seed));
    }

    private static long lengthOf(byte[] seed) {
        return ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static byte[] withLength(byte[] seed, long length) {
        var bytes = seed.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        return bytes;
    }

    private List<byte[]> seeds() throws IOException {
        return List.of(
                seed(Map.of(), new TensorInfo("a", DType.FLOAT32, 2)),
                seed(
                        SafetensorsWriter.PYTORCH,
                        new TensorInfo("weight", DType.FLOAT32, 2, 3),
                        new TensorInfo("bias", DType.FLOAT16, 3),
                        new TensorInfo("mask", DType.BOOL, 1, 1, 5)),
                seed(
                        Map.of("a", "\u00e9\n"),
                        new TensorInfo("empty", DType.INT64, 2, 0),
                        new TensorInfo("scalar", DType.BFLOAT16),
                        new TensorInfo("x", DType.INT8, 7),
                        new TensorInfo("y", DType.FLOAT64, 1, 1)));
    }

    private byte[] seed(Map<String, String> metadata, TensorInfo... tensors) throws IOException {
        var file = folder.resolve("seed.safetensors");
        SafetensorsWriter.write(
                file,
                List.of(tensors),
                metadata,
                tensor -> {
                    var bytes = new byte[(int) tensor.bytes()];
                    random.nextBytes(bytes);
                    return ByteBuffer.wrap(bytes);
                });
        return Files.readAllBytes(file);
    }
}
