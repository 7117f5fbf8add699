package dev.mtl.train.report;

import dev.mtl.core.MtlException;
import dev.mtl.train.run.TrainingListener;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * An event file that TensorBoard reads: {@code Event} messages of scalars in a TFRecord file. A run
 * that goes on begins a file of its own, whose later steps TensorBoard takes instead of the first
 * file's.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto">event.proto</a>
 * @see <a
 *     href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">TFRecord</a>
 */
final class TensorBoardLog implements TrainingListener {
    private static final int DOUBLE = 1;
    private static final int BYTES = 2;
    private static final int FLOAT = 5;

    private final Path file;

    TensorBoardLog(Path directory, int step) {
        long seconds = System.currentTimeMillis() / 1000;
        file =
                directory.resolve(
                        String.format(
                                Locale.ROOT,
                                "events.out.tfevents.%010d.%s.%d",
                                seconds,
                                host(),
                                step));
        var event = new Message();
        event.fixed64(1, System.currentTimeMillis() / 1e3);
        event.bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
        append(event.toByteArray());
        if (step > 0) {
            // SessionLog START at this step: readers drop what earlier files have from there on
            var session = new Message();
            session.varint(1, 1);
            var restart = new Message();
            restart.fixed64(1, System.currentTimeMillis() / 1e3);
            restart.varint(2, step + 1L);
            restart.bytes(7, session.toByteArray());
            append(restart.toByteArray());
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    @Override
    public void onStep(Step step) {
        var scalars = new LinkedHashMap<String, Double>();
        scalars.put("loss/total", step.loss());
        step.taskLosses().forEach((task, loss) -> scalars.put("loss/" + task, loss));
        step.learningRates().forEach((part, rate) -> scalars.put("learning_rate/" + part, rate));
        scalars.put("grad_norm", step.gradientNorm());
        write(step.step(), scalars);
    }

    @Override
    public void onEvaluation(Evaluated evaluated) {
        var scalars = new LinkedHashMap<String, Double>();
        evaluated
                .evaluation()
                .tasks()
                .forEach(
                        (task, scores) ->
                                scores.forEach(
                                        (name, score) ->
                                                scalars.put("eval/" + task + "/" + name, score)));
        evaluated
                .evaluation()
                .jointAccuracy()
                .ifPresent(accuracy -> scalars.put("eval/joint_accuracy", accuracy));
        write(evaluated.step(), scalars);
    }

    private void write(int step, Map<String, Double> scalars) {
        var summary = new Message();
        scalars.forEach(
                (tag, figure) -> {
                    var value = new Message();
                    value.bytes(1, tag.getBytes(StandardCharsets.UTF_8));
                    value.fixed32(2, figure.floatValue());
                    summary.bytes(1, value.toByteArray());
                });
        var event = new Message();
        event.fixed64(1, System.currentTimeMillis() / 1e3);
        event.varint(2, step);
        event.bytes(5, summary.toByteArray());
        append(event.toByteArray());
    }

    /** One TFRecord: length, its checksum, data, its checksum. */
    private void append(byte[] data) {
        var length =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
        var record = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.put(length).putInt(masked(length)).put(data).putInt(masked(data));
        try {
            Files.write(file, record.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** The masked CRC-32C of TFRecord files. */
    private static int masked(byte[] data) {
        var crc = new CRC32C();
        crc.update(data);
        int value = (int) crc.getValue();
        return ((value >>> 15) | (value << 17)) + 0xa282ead8;
    }

    /** A protocol buffer that is being written. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private void key(int field, int wireType) {
            raw(((long) field << 3) | wireType);
        }

        private void raw(long value) {
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                out.write((int) ((rest & 0x7F) | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        void varint(int field, long value) {
            key(field, 0);
            raw(value);
        }

        void fixed64(int field, double value) {
            key(field, DOUBLE);
            out.writeBytes(
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
        }

        void fixed32(int field, float value) {
            key(field, FLOAT);
            out.writeBytes(
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
        }

        void bytes(int field, byte[] value) {
            key(field, BYTES);
            raw(value.length);
            out.writeBytes(value);
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }
    }
}
