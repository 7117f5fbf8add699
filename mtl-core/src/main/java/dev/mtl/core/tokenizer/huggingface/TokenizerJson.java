package dev.mtl.core.tokenizer.huggingface;

import com.fasterxml.jackson.core.JsonProcessingException;

import dev.mtl.core.MtlException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A {@code tokenizer.json} that is safe to hand to the native library. That library ends the
 * process where it does not expect what it reads, so everything that it relies on is checked here
 * first, and it is given the very bytes that were checked.
 */
final class TokenizerJson {
    /** The largest known one has 33 MB. */
    private static final int MAX_BYTES = 256 << 20;

    private final byte[] bytes;
    private final int specialTokens;

    private TokenizerJson(byte[] bytes, int specialTokens) {
        this.bytes = bytes;
        this.specialTokens = specialTokens;
    }

    /**
     * Reads and checks a file.
     *
     * @throws MtlException if it is not a tokenizer; the message says where in the file and why
     * @throws IOException if it cannot be read
     */
    static TokenizerJson read(Path file) throws IOException {
        var size = Files.size(file);
        if (size > MAX_BYTES) {
            throw new MtlException(
                    "it has %d bytes; tokenizers have at most %d".formatted(size, MAX_BYTES));
        }
        var bytes = Files.readAllBytes(file);
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            var root = JsonValue.root(StrictJson.read(bytes));
            return new TokenizerJson(bytes, new TokenizerCheck(root).specialTokens());
        } catch (CharacterCodingException e) {
            throw new MtlException("it is not UTF-8", e);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw new MtlException(
                    "it is not JSON: %s (line %d, column %d)"
                            .formatted(e.getOriginalMessage(), at.getLineNr(), at.getColumnNr()),
                    e);
        }
    }

    /** The bytes that were checked. */
    InputStream stream() {
        return new ByteArrayInputStream(bytes);
    }

    /** How many special tokens are added to a text. */
    int specialTokens() {
        return specialTokens;
    }
}
