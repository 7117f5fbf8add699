package dev.mtl.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An independent reader of event files. */
record EventFile(
        double wallTime,
        long step,
        String version,
        Map<String, Float> scalars,
        long sessionStatus) {
    /** {@code SessionLog.SessionStatus.START} */
    static final long START = 1;

    static List<EventFile> read(Path file) throws IOException {
        var in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var events = new ArrayList<EventFile>();
        while (in.hasRemaining()) {
            int start = in.position();
            int length = (int) in.getLong();
            assertThat(in.getInt()).isEqualTo(crc(in, start, 8));
            assertThat(in.getInt(in.position() + length)).isEqualTo(crc(in, in.position(), length));
            events.add(event(in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN)));
            in.position(in.position() + length + 4);
        }
        return events;
    }

    /** Bit by bit, from the polynomial. */
    private static int crc(ByteBuffer bytes, int from, int count) {
        int crc = ~0;
        for (int i = 0; i < count; i++) {
            crc ^= bytes.get(from + i) & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ (0x82F63B78 & -(crc & 1));
            }
        }
        crc = ~crc;
        return Integer.rotateRight(crc, 15) + 0xa282ead8;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static ByteBuffer nested(ByteBuffer in) {
        int length = (int) varint(in);
        var part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return part;
    }

    private static EventFile event(ByteBuffer in) {
        double time = 0;
        long step = 0;
        var version = "";
        long status = 0;
        var scalars = new LinkedHashMap<String, Float>();
        while (in.hasRemaining()) {
            switch ((int) varint(in)) {
                case 1 << 3 | 1 -> time = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case 3 << 3 | 2 -> version = StandardCharsets.UTF_8.decode(nested(in)).toString();
                case 5 << 3 | 2 -> {
                    var summary = nested(in);
                    while (summary.hasRemaining()) {
                        assertThat(varint(summary)).isEqualTo(1 << 3 | 2);
                        var value = nested(summary);
                        assertThat(varint(value)).isEqualTo(1 << 3 | 2);
                        var tag = StandardCharsets.UTF_8.decode(nested(value)).toString();
                        assertThat(varint(value)).isEqualTo(2 << 3 | 5);
                        scalars.put(tag, value.getFloat());
                    }
                }
                case 7 << 3 | 2 -> {
                    var session = nested(in);
                    assertThat(varint(session)).isEqualTo(1 << 3);
                    status = varint(session);
                }
                default -> throw new AssertionError("another field");
            }
        }
        return new EventFile(time, step, version, scalars, status);
    }
}
