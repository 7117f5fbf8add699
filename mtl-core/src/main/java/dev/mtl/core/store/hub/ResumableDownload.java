package dev.mtl.core.store.hub;

import dev.mtl.core.ProgressListener;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file of the hub on its way. What has come stays in a partial file when the connection breaks
 * or the process ends, and the next attempt asks for the rest alone. Its address holds a commit, so
 * the rest is of the same content; the hash at the end shows whether it is.
 *
 * @param part the partial file
 */
record ResumableDownload(
        HubClient client, RetryPolicy timing, URI uri, Path part, ProgressListener progress) {
    private static final int BUFFER = 1 << 16;

    /**
     * Downloads the file.
     *
     * @param name for the progress
     * @param target appears whole
     * @throws dev.mtl.core.MtlException if the hub refuses or fails too often, or the file comes
     *     damaged
     */
    void to(Path target, String name) throws IOException {
        Files.createDirectories(target.getParent());
        Files.createDirectories(part.getParent());
        var answer = new Retry(timing).run(() -> attempt(name), () -> size(part));
        var check = new EntityTagCheck(answer.etag(), answer.total());
        try {
            update(check);
            check.require(uri);
        } catch (RuntimeException e) {
            Files.delete(part); // of what is damaged nothing can be used
            throw e;
        }
        Files.move(part, target);
    }

    private HubClient.Answer attempt(String name) throws IOException {
        long have = size(part);
        var answer = client.get(uri, have);
        boolean goesOn = answer.from() == have;
        try (var body = new StallTimeout(answer.body(), timing.stall());
                var output =
                        Files.newOutputStream(
                                part,
                                StandardOpenOption.CREATE,
                                goesOn
                                        ? StandardOpenOption.APPEND
                                        : StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE)) {
            progress.started("downloading " + name, answer.total());
            progress.advanced(goesOn ? have : 0);
            var buffer = new byte[BUFFER];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                output.write(buffer, 0, count);
                progress.advanced(count);
            }
        } catch (IOException e) {
            throw new IOException(
                    "the download of %s broke off: %s".formatted(uri, e.getMessage()), e);
        } finally {
            progress.finished();
        }
        if (answer.total() >= 0 && size(part) < answer.total()) {
            throw new IOException(
                    "the download of %s broke off: %d of %d bytes came"
                            .formatted(uri, size(part), answer.total()));
        }
        return answer;
    }

    private void update(EntityTagCheck check) throws IOException {
        try (var input = Files.newInputStream(part)) {
            var buffer = new byte[BUFFER];
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                check.update(buffer, count);
            }
        }
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
