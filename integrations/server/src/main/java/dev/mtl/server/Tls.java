package dev.mtl.server;

import dev.mtl.core.ConfigurationException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** TLS by a certificate and its key in PEM files. */
final class Tls {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private Tls() {}

    /**
     * Reads the files.
     *
     * @throws ConfigurationException if they cannot be read or do not fit together
     */
    static SSLContext context(Path certificate, Path privateKey) {
        try {
            var chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(
                                    new ByteArrayInputStream(Files.readAllBytes(certificate)))
                            .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new ConfigurationException(certificate + " has no certificate");
            }
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", key(privateKey), new char[0], chain);
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigurationException(
                    "TLS by %s and %s: %s".formatted(certificate, privateKey, e.getMessage()), e);
        }
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        var pem = Files.readString(file);
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new ConfigurationException(
                    file
                            + " has no unencrypted key in PKCS#8: openssl pkcs8 -topk8 -nocrypt"
                            + " makes one");
        }
        var bytes = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
        var spec = new PKCS8EncodedKeySpec(bytes);
        for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
            var key = key(algorithm, spec);
            if (key.isPresent()) {
                return key.get();
            }
        }
        throw new ConfigurationException(file + ": a key of RSA, EC or EdDSA is needed");
    }

    /** Empty if the key is of another algorithm. */
    private static Optional<PrivateKey> key(String algorithm, PKCS8EncodedKeySpec spec)
            throws GeneralSecurityException {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
        } catch (InvalidKeySpecException e) {
            return Optional.empty();
        }
    }
}
