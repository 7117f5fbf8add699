package dev.mtl.core.store.hub;

import dev.mtl.core.MtlException;
import dev.mtl.core.internal.files.Sha256;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Verifies a download against its entity tag: the hub sends the SHA-256 of large files and the git
 * blob hash (SHA-1) of small ones. Tags of other forms are ignored.
 */
final class EntityTagCheck {
    private final String expected;
    private final long length;
    private final MessageDigest sha256 = Sha256.digest();
    private final MessageDigest gitBlob;
    private long received;

    /**
     * @param length expected number of bytes, negative if unknown
     */
    EntityTagCheck(String etag, long length) {
        this.expected = etag.replaceFirst("^W/", "").replace("\"", "");
        this.length = length;
        try {
            this.gitBlob = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
        gitBlob.update(("blob " + length + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    void update(byte[] bytes, int count) {
        sha256.update(bytes, 0, count);
        gitBlob.update(bytes, 0, count);
        received += count;
    }

    void require(URI uri) {
        if (length >= 0 && received != length) {
            throw new MtlException(
                    "%s: received %d bytes instead of %d".formatted(uri, received, length));
        }
        var digest =
                switch (expected.length()) {
                    case 64 -> sha256;
                    case 40 -> length >= 0 ? gitBlob : null;
                    default -> null;
                };
        if (digest != null && expected.matches("[0-9a-f]+")) {
            var actual = HexFormat.of().formatHex(digest.digest());
            if (!actual.equals(expected)) {
                throw new MtlException(
                        "%s arrived damaged: its hash is %s instead of %s"
                                .formatted(uri, actual, expected));
            }
        }
    }
}
