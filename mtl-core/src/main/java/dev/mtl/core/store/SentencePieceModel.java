package dev.mtl.core.store;

import com.google.protobuf.CodedInputStream;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.WireTags;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a tokenizer needs of a file of SentencePiece, such as {@code spm.model}.
 *
 * @see <a
 *     href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto">sentencepiece_model.proto</a>
 */
final class SentencePieceModel {
    private static final int UNIGRAM = 1;

    /** More than any vocabulary has; a hostile file says millions in few bytes. */
    private static final int MAX_PIECES = 1 << 21;

    private static final int MAX_BYTES_OF_PIECE = 1 << 12;

    private final List<Piece> pieces = new ArrayList<>();
    private byte[] charsMap = {};
    private int unknown;

    private int type = UNIGRAM;
    private boolean byteFallback;
    private boolean suffix;
    private boolean dummyPrefix = true;
    private boolean singleSpaces = true;
    private boolean escaped = true;

    private final CodedInputStream input;

    /** What a piece is for. */
    enum Kind {
        NORMAL,
        UNKNOWN,
        /** Never found in a text, such as {@code [CLS]}. */
        CONTROL,
        /** Always one piece where a text has it. */
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /** An entry of the vocabulary. */
    record Piece(String text, float score, Kind kind) {}

    private SentencePieceModel(CodedInputStream input) {
        this.input = input;
    }

    /**
     * Reads a file.
     *
     * @throws MtlException if it is damaged, or no Unigram model with the usual treatment of spaces
     * @throws IOException if it cannot be read
     */
    static SentencePieceModel read(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            var model = new SentencePieceModel(CodedInputStream.newInstance(bytes));
            model.model();
            model.requireSupported(file);
            return model;
        } catch (java.nio.file.FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new MtlException(
                    file + " is damaged, or not a model of SentencePiece: " + e.getMessage(), e);
        }
    }

    /** The vocabulary in the order of its ids. */
    List<Piece> pieces() {
        return pieces;
    }

    /** The id of the piece for what is not in the vocabulary. */
    int unknown() {
        return unknown;
    }

    /** The compiled table of the normalizer; empty for none. */
    byte[] charsMap() {
        return charsMap;
    }

    /** {@code ModelProto}: pieces = 1, trainer_spec = 2, normalizer_spec = 3. */
    private void model() throws IOException {
        for (var tag = input.readTag(); tag != 0; tag = input.readTag()) {
            switch (tag) {
                case WireTags.BYTES | 1 << 3 -> piece();
                case WireTags.BYTES | 2 << 3 -> WireTags.message(input, this::trainer);
                case WireTags.BYTES | 3 << 3 -> WireTags.message(input, this::normalizer);
                default -> WireTags.skip(input, tag, 1, 2, 3);
            }
        }
    }

    /** {@code SentencePiece}: piece = 1, score = 2, type = 3. */
    private void piece() throws IOException {
        if (pieces.size() == MAX_PIECES) {
            throw new IOException("it has more than " + MAX_PIECES + " pieces");
        }
        var text = new String[] {""};
        var score = new float[1];
        var kind = new int[] {1};
        WireTags.message(
                input,
                tag -> {
                    switch (tag) {
                        case WireTags.BYTES | 1 << 3 ->
                                text[0] = WireTags.string(input, MAX_BYTES_OF_PIECE);
                        case WireTags.FIXED32 | 2 << 3 -> score[0] = input.readFloat();
                        case WireTags.VARINT | 3 << 3 -> kind[0] = input.readEnum();
                        default -> WireTags.skip(input, tag, 1, 2, 3);
                    }
                });
        if (kind[0] < 1 || kind[0] > Kind.values().length) {
            throw new IOException("'" + text[0] + "' is of the unknown type " + kind[0]);
        }
        pieces.add(new Piece(text[0], score[0], Kind.values()[kind[0] - 1]));
    }

    /**
     * {@code TrainerSpec}: model_type = 3, treat_whitespace_as_suffix = 24, byte_fallback = 35,
     * unk_id = 40.
     */
    private void trainer(int tag) throws IOException {
        switch (tag) {
            case WireTags.VARINT | 3 << 3 -> type = input.readEnum();
            case WireTags.VARINT | 24 << 3 -> suffix = input.readBool();
            case WireTags.VARINT | 35 << 3 -> byteFallback = input.readBool();
            case WireTags.VARINT | 40 << 3 -> unknown = input.readInt32();
            default -> WireTags.skip(input, tag, 3, 24, 35, 40);
        }
    }

    /**
     * {@code NormalizerSpec}: precompiled_charsmap = 2, add_dummy_prefix = 3,
     * remove_extra_whitespaces = 4, escape_whitespaces = 5.
     */
    private void normalizer(int tag) throws IOException {
        switch (tag) {
            case WireTags.BYTES | 2 << 3 -> charsMap = input.readByteArray();
            case WireTags.VARINT | 3 << 3 -> dummyPrefix = input.readBool();
            case WireTags.VARINT | 4 << 3 -> singleSpaces = input.readBool();
            case WireTags.VARINT | 5 << 3 -> escaped = input.readBool();
            default -> WireTags.skip(input, tag, 2, 3, 4, 5);
        }
    }

    private void requireSupported(Path file) {
        var faults = new ArrayList<String>();
        if (pieces.isEmpty()) {
            faults.add("it has no pieces");
        } else if (unknown < 0
                || unknown >= pieces.size()
                || pieces.get(unknown).kind() != Kind.UNKNOWN) {
            faults.add("unk_id " + unknown + " is not the piece for what is unknown");
        }
        if (type != UNIGRAM) {
            faults.add("it is not a Unigram model (model_type is " + type + ", not 1)");
        }
        if (byteFallback) {
            faults.add("byte_fallback is not supported");
        }
        if (suffix || !dummyPrefix || !singleSpaces || !escaped) {
            faults.add("spaces are not one before each word");
        }
        if (!faults.isEmpty()) {
            throw new MtlException(
                    "%s cannot be converted: %s. AutoTokenizer of transformers may write a tokenizer.json for it"
                            .formatted(file, String.join("; ", faults)));
        }
    }
}
