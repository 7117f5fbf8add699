package dev.mtl.train.report;

import dev.mtl.core.internal.ProtobufMessage;

import java.util.Map;

/**
 * TensorBoard's protobuf message {@code Event}; numbers in calls are field numbers.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto">event.proto</a>
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/summary.proto">summary.proto</a>
 */
final class TensorBoardEvent {
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private TensorBoardEvent() {}

    /** The first event of every file. */
    static byte[] fileVersion(double wallTime) {
        return ProtobufMessage.of(
                event -> {
                    event.writeDouble(WALL_TIME, wallTime);
                    event.writeString(FILE_VERSION, "brain.Event:2");
                });
    }

    /**
     * A {@code SessionLog} with status START: readers drop what earlier files have from this step
     * on.
     */
    static byte[] sessionStart(double wallTime, long step) {
        return ProtobufMessage.of(
                event -> {
                    event.writeDouble(WALL_TIME, wallTime);
                    event.writeInt64(STEP, step);
                    event.writeByteArray(
                            SESSION_LOG, ProtobufMessage.of(session -> session.writeEnum(1, 1)));
                });
    }

    /** A {@code Summary} with one scalar for each tag. */
    static byte[] scalars(double wallTime, long step, Map<String, Double> scalars) {
        return ProtobufMessage.of(
                event -> {
                    event.writeDouble(WALL_TIME, wallTime);
                    event.writeInt64(STEP, step);
                    event.writeByteArray(SUMMARY, summary(scalars));
                });
    }

    private static byte[] summary(Map<String, Double> scalars) {
        return ProtobufMessage.of(
                summary -> {
                    for (var scalar : scalars.entrySet()) {
                        summary.writeByteArray(
                                1,
                                ProtobufMessage.of(
                                        value -> {
                                            value.writeString(1, scalar.getKey());
                                            value.writeFloat(2, scalar.getValue().floatValue());
                                        }));
                    }
                });
    }
}
