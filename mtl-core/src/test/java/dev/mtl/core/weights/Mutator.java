package dev.mtl.core.weights;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Damages bytes in ways that a seed repeats. */
public final class Mutator {
    private static final byte[] TELLING = {
        0,
        1,
        2,
        7,
        8,
        9,
        10,
        18,
        127,
        (byte) 128,
        (byte) 255,
        '"',
        '{',
        '}',
        '[',
        ']',
        ',',
        '-',
        '\\'
    };

    private final SplittableRandom random;

    public Mutator(SplittableRandom random) {
        this.random = random;
    }

    /** One to four changes, of which the last may also cut the end off. */
    public byte[] mutate(byte[] original) {
        var bytes = original.clone();
        for (var i = 1 + random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            bytes = change(bytes);
        }
        return bytes;
    }

    private byte[] change(byte[] bytes) {
        var at = random.nextInt(bytes.length);
        var length = random.nextInt(Math.min(32, bytes.length - at) + 1);
        return switch (random.nextInt(8)) {
            case 0 -> with(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
            case 1 -> with(bytes, at, (byte) random.nextInt(256));
            case 2 -> with(bytes, at, TELLING[random.nextInt(TELLING.length)]);
            case 3 -> random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
            case 4 -> spliced(bytes, at, at + length, new byte[0]);
            case 5 -> spliced(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
            case 6 -> spliced(bytes, at, at, noise(random.nextInt(1, 9)));
            default -> {
                var from = random.nextInt(bytes.length - length + 1);
                yield spliced(
                        bytes, at, at + length, Arrays.copyOfRange(bytes, from, from + length));
            }
        };
    }

    private byte[] noise(int length) {
        var noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] with(byte[] bytes, int at, byte value) {
        bytes[at] = value;
        return bytes;
    }

    /** The bytes with others in place of those from {@code from} to {@code to}. */
    public static byte[] spliced(byte[] bytes, int from, int to, byte[] others) {
        var result = new byte[bytes.length - (to - from) + others.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(others, 0, result, from, others.length);
        System.arraycopy(bytes, to, result, from + others.length, bytes.length - to);
        return result;
    }
}
