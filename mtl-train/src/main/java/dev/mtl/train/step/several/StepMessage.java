package dev.mtl.train.step.several;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a process tells the others once it is done with its micro-batches.
 *
 * @param failure why it is not; null if it is
 * @param values per-task losses of its micro-batches, in their order
 * @param present for each sum, the parameters that have a gradient
 */
record StepMessage(
        @Nullable String failure, List<SequencedMap<String, Double>> values, List<byte[]> present) {
    byte[] toBytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeBoolean(failure != null);
            if (failure != null) {
                out.writeUTF(failure.substring(0, Math.min(failure.length(), 10_000)));
            }
            out.writeInt(values.size());
            for (var ofMicroBatch : values) {
                out.writeInt(ofMicroBatch.size());
                for (var value : ofMicroBatch.entrySet()) {
                    out.writeUTF(value.getKey());
                    out.writeDouble(value.getValue());
                }
            }
            out.writeInt(present.size());
            for (var ofSum : present) {
                out.writeInt(ofSum.length);
                out.write(ofSum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not in memory
        }
        return bytes.toByteArray();
    }

    static StepMessage of(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            var failure = in.readBoolean() ? in.readUTF() : null;
            var values = new ArrayList<SequencedMap<String, Double>>();
            for (int left = in.readInt(); left > 0; left--) {
                var ofMicroBatch = new LinkedHashMap<String, Double>();
                for (int tasks = in.readInt(); tasks > 0; tasks--) {
                    ofMicroBatch.put(in.readUTF(), in.readDouble());
                }
                values.add(ofMicroBatch);
            }
            var present = new ArrayList<byte[]>();
            for (int left = in.readInt(); left > 0; left--) {
                present.add(in.readNBytes(in.readInt()));
            }
            return new StepMessage(failure, values, present);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The parameters that have a gradient in any process. */
    static BitSet presentAnywhere(List<StepMessage> messages, int sum) {
        var anywhere = new BitSet();
        messages.forEach(message -> anywhere.or(BitSet.valueOf(message.present().get(sum))));
        return anywhere;
    }
}
