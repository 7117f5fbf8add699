package dev.mtl.core.weights.conversion;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Changes fields of protobuf messages to well-formed values that no program writes. */
final class FieldMutator {
    /**
     * The messages in a message.
     *
     * @param inner by field number
     */
    record Schema(Map<Integer, Schema> inner) {
        static final Schema LEAF = new Schema(Map.of());
    }

    private static final long[] NUMBERS = {
        0, 1, 2, 3, 6, -1, 1L << 20, 1L << 31, 1L << 40, 1L << 62, Long.MIN_VALUE, Long.MAX_VALUE
    };
    private static final List<String> NAMES =
            List.of(
                    "",
                    "/",
                    "../../etc/passwd",
                    "\u0000",
                    "encoder.layer.0.attention.self.query.weight",
                    "/encoder/layer.0/attention/self/query/MatMul",
                    "/encoder/layer.999999999/attention/self/query/MatMul",
                    "MatMul",
                    "x".repeat(70_000));

    private final SplittableRandom random;

    FieldMutator(SplittableRandom random) {
        this.random = random;
    }

    /** A message with one field changed, in it or in a message inside it. */
    UnknownFieldSet change(UnknownFieldSet message, Schema schema) {
        var numbers = List.copyOf(message.asMap().keySet());
        if (numbers.isEmpty()) {
            return with(message, random.nextInt(1, 16), number());
        }
        int number = numbers.get(random.nextInt(numbers.size()));
        var field = message.getField(number);
        var inner = schema.inner().get(number);
        if (inner != null && random.nextInt(6) > 0) {
            return with(message, number, changedWithin(field, inner));
        }
        return switch (random.nextInt(6)) {
            case 0 -> message.toBuilder().clearField(number).build();
            case 1 -> with(message, number, Field.newBuilder(field).mergeFrom(field).build());
            case 2 -> with(message, random.nextInt(1, 16), field);
            case 3 -> with(message, number, number());
            default -> with(message, number, otherValue(field));
        };
    }

    private Field changedWithin(Field field, Schema inner) {
        var changed = Field.newBuilder();
        var messages = field.getLengthDelimitedList();
        int at = messages.isEmpty() ? -1 : random.nextInt(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            changed.addLengthDelimited(
                    i == at
                            ? change(parse(messages.get(i)), inner).toByteString()
                            : messages.get(i));
        }
        return changed.build();
    }

    /** A message, or none where an earlier change has put something else. */
    static UnknownFieldSet parse(ByteString bytes) {
        try {
            return UnknownFieldSet.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            return UnknownFieldSet.getDefaultInstance();
        }
    }

    private Field otherValue(Field field) {
        if (!field.getVarintList().isEmpty()) {
            var changed = Field.newBuilder();
            int at = random.nextInt(field.getVarintList().size());
            for (int i = 0; i < field.getVarintList().size(); i++) {
                changed.addVarint(i == at ? value() : field.getVarintList().get(i));
            }
            return changed.build();
        }
        if (!field.getFixed32List().isEmpty()) {
            return Field.newBuilder().addFixed32(random.nextInt()).build();
        }
        var name = NAMES.get(random.nextInt(NAMES.size()));
        return Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8(name)).build();
    }

    private Field number() {
        return Field.newBuilder().addVarint(value()).build();
    }

    private long value() {
        return NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private static UnknownFieldSet with(UnknownFieldSet message, int number, Field field) {
        return message.toBuilder().clearField(number).addField(number, field).build();
    }
}
