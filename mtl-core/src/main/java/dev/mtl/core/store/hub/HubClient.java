package dev.mtl.core.store.hub;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;

/** HTTP client for the Hugging Face hub; the access token is sent to the hub's host only. */
final class HubClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int MAX_REDIRECTS = 10;
    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18})");

    private final HubSettings settings;
    private final String model;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(ProxySelector.getDefault())
                    .build();

    /**
     * @param model the requested model, for messages
     */
    HubClient(HubSettings settings, String model) {
        this.settings = settings;
        this.model = model;
    }

    /**
     * A response with content.
     *
     * @param body the content; the caller closes it
     * @param from offset of its first byte: the requested one, or 0
     * @param total size of the whole content in bytes, -1 if unknown
     * @param etag the content's entity tag, which the hub sends before it redirects to the storage;
     *     empty if there is none
     */
    record Answer(InputStream body, long from, long total, String etag) {}

    /**
     * Sends a GET request. Redirects are followed here, because the token must not be sent to other
     * hosts.
     *
     * @param from number of bytes to skip; the server may ignore it and send all
     * @throws IOException if there is no response, or the hub is busy
     * @throws MtlException if the hub refuses the request
     */
    Answer get(URI start, long from) throws IOException {
        var uri = start;
        var etag = "";
        long size = -1;
        for (var hop = 0; hop <= MAX_REDIRECTS; hop++) {
            var response = send(uri, from);
            var headers = response.headers();
            if (etag.isEmpty()) {
                etag =
                        headers.firstValue("X-Linked-ETag")
                                .or(() -> headers.firstValue("ETag"))
                                .orElse("");
            }
            size = headers.firstValueAsLong("X-Linked-Size").orElse(size);
            int status = response.statusCode();
            if (status == 200) {
                long length = headers.firstValueAsLong("Content-Length").orElse(size);
                return sized(new Answer(response.body(), 0, length, etag), size, uri);
            }
            var range = headers.firstValue("Content-Range").map(CONTENT_RANGE::matcher);
            if (status == 206 && range.isPresent() && range.get().matches()) {
                long first = Long.parseLong(range.get().group(1));
                if (first == from) {
                    long total = Long.parseLong(range.get().group(2));
                    return sized(new Answer(response.body(), first, total, etag), size, uri);
                }
            }
            close(response);
            if (from > 0 && (status == 206 || status == 416)) {
                return get(start, 0);
            }
            if (ServerBusyException.isBusy(status)) {
                throw new ServerBusyException(
                        refusal(uri, status), headers.firstValue("Retry-After"), Instant.now());
            }
            var location = headers.firstValue("Location");
            if (status / 100 != 3 || location.isEmpty()) {
                throw new MtlException(refusal(uri, status));
            }
            var next = redirected(uri, location.get());
            if ("https".equals(uri.getScheme()) && !"https".equals(next.getScheme())) {
                throw new MtlException(uri + " redirects to " + next + ", which is not encrypted");
            }
            uri = next;
        }
        throw new MtlException(start + " redirects more than " + MAX_REDIRECTS + " times");
    }

    /**
     * Where a redirect leads.
     *
     * @throws MtlException if that is not an address that can be asked
     */
    private static URI redirected(URI uri, String location) {
        try {
            var next = uri.resolve(location);
            HttpRequest.newBuilder(next); // refuses other schemes, and addresses without a host
            return next;
        } catch (IllegalArgumentException e) {
            throw new MtlException(
                    "%s redirects to '%s', which is not an http or https address"
                            .formatted(uri, location),
                    e);
        }
    }

    /** Checks the size against the one that the hub sent before redirecting. */
    private static Answer sized(Answer answer, long size, URI uri) throws IOException {
        if (size >= 0 && answer.total() != size) {
            answer.body().close();
            throw new IOException(
                    "%s would send %d bytes, but according to the hub the file has %d"
                            .formatted(uri, answer.total(), size));
        }
        return answer;
    }

    private HttpResponse<InputStream> send(URI uri, long from) throws IOException {
        var request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).header("User-Agent", "mtl");
        if (isHub(uri)) {
            settings.token()
                    .ifPresent(
                            token -> {
                                requireEncryption(uri);
                                request.header("Authorization", token.authorization());
                            });
        }
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new IOException(
                    "cannot reach %s for %s: %s"
                            .formatted(
                                    uri.getHost(),
                                    model,
                                    Objects.requireNonNullElse(
                                            e.getMessage(), e.getClass().getSimpleName())),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MtlException("interrupted while downloading " + model, e);
        }
    }

    private void requireEncryption(URI uri) {
        if ("http".equals(uri.getScheme()) && !settings.insecure() && !isLoopback(uri)) {
            throw new ConfigurationException(
                    "the access token would be sent to %s unencrypted: use an https address as HF_ENDPOINT, unset HF_TOKEN, or download with mtl models pull --insecure"
                            .formatted(settings.endpoint()));
        }
    }

    /** Whether an address is one of this machine, without asking a name server. */
    private static boolean isLoopback(URI uri) {
        var host = Objects.requireNonNullElse(uri.getHost(), "");
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("[::1]")
                || host.matches("127(\\.\\d{1,3}){3}");
    }

    private boolean isHub(URI uri) {
        var hub = settings.endpoint();
        return Objects.equals(hub.getScheme(), uri.getScheme())
                && Objects.equals(hub.getRawAuthority(), uri.getRawAuthority());
    }

    private String refusal(URI uri, int status) {
        return switch (status) {
            case 401, 403 ->
                    "%s refuses %s (%d): is the name right? A private or gated model needs HF_TOKEN"
                            .formatted(settings.endpoint(), model, status);
            case 404 -> "%s has no %s (404)".formatted(settings.endpoint(), model);
            default -> "%s answers %d for %s".formatted(uri, status, model);
        };
    }

    private static void close(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            // Its content is not needed.
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
