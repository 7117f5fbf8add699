package dev.mtl.core.store.hub;

import dev.mtl.core.ProgressListener;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The download of one file. Received bytes stay in a partial file if the connection breaks or the
 * process ends, and the next attempt requests only the rest. The address contains a commit, so the
 * content cannot change in between; the hash at the end verifies it.
 *
 * @param part the partial file
 */
record ResumableDownload(
        HubClient client, RetryPolicy timing, URI uri, Path part, ProgressListener progress) {
    private static final int BUFFER = 1 << 16;

    /**
     * Downloads the file.
     *
     * @param target the complete file; appears atomically
     * @param name of the file, for progress reports
     * @throws dev.mtl.core.MtlException if the hub refuses or fails too often, or the file arrives
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
            Files.delete(part); // the position of the damage is unknown
            throw e;
        }
        Files.move(part, target);
    }

    private HubClient.Answer attempt(String name) throws IOException {
        long have = size(part);
        var answer = client.get(uri, have);
        boolean resumes = answer.from() == have;
        try (var body = new StallTimeout(answer.body(), timing.stall());
                var output =
                        Files.newOutputStream(
                                part,
                                StandardOpenOption.CREATE,
                                resumes
                                        ? StandardOpenOption.APPEND
                                        : StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE)) {
            progress.started("downloading " + name, answer.total());
            progress.advanced(resumes ? have : 0);
            var buffer = new byte[BUFFER];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                output.write(buffer, 0, count);
                progress.advanced(count);
            }
        } catch (IOException e) {
            throw new IOException(
                    "the download of %s was interrupted: %s".formatted(uri, e.getMessage()), e);
        } finally {
            progress.finished();
        }
        if (answer.total() >= 0 && size(part) < answer.total()) {
            throw new IOException(
                    "the download of %s was interrupted after %d of %d bytes"
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
