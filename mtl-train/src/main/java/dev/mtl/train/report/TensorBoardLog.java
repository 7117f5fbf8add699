package dev.mtl.train.report;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.MaskedCrc32c;
import dev.mtl.core.internal.Reasons;
import dev.mtl.train.progress.TrainingListener;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;

/**
 * An event file for TensorBoard: scalars as {@link TensorBoardEvent} messages in a TFRecord file. A
 * resumed run begins a new file; TensorBoard prefers its steps to those of the earlier files.
 *
 * @see <a
 *     href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">TFRecord</a>
 */
final class TensorBoardLog implements TrainingListener {
    private final Path file;

    /**
     * Begins an event file.
     *
     * @param step the last step that the resumed run has done, 0 for a new run
     */
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
        append(TensorBoardEvent.fileVersion(now()));
        if (step > 0) {
            append(TensorBoardEvent.sessionStart(now(), step + 1L));
        }
    }

    private static double now() {
        return System.currentTimeMillis() / 1e3;
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
        step.lossParts()
                .forEach(
                        (task, parts) ->
                                parts.forEach(
                                        (name, part) ->
                                                scalars.put("loss/" + task + "." + name, part)));
        step.learningRates().forEach((part, rate) -> scalars.put("learning_rate/" + part, rate));
        scalars.put("grad_norm", step.gradientNorm());
        append(TensorBoardEvent.scalars(now(), step.step(), scalars));
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
        append(TensorBoardEvent.scalars(now(), evaluated.step(), scalars));
    }

    /** Appends a TFRecord: the length, its checksum, the data, its checksum. */
    private void append(byte[] data) {
        var record = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length)
                .putInt(MaskedCrc32c.of(record.slice(0, 8)))
                .put(data)
                .putInt(MaskedCrc32c.of(ByteBuffer.wrap(data)));
        try {
            Files.write(file, record.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new MtlException(file + ": cannot be written: " + Reasons.of(e), e);
        }
    }
}
