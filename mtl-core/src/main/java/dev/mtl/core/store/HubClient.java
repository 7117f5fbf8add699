package dev.mtl.core.store;

import dev.mtl.core.MtlException;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;

/** HTTP as the Hugging Face hub speaks it; the token goes to the hub alone. */
final class HubClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int MAX_REDIRECTS = 10;

    private final StoreSettings settings;
    private final String model;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .proxy(ProxySelector.getDefault())
                    .build();

    /**
     * @param model what is wanted, for messages
     */
    HubClient(StoreSettings settings, String model) {
        this.settings = settings;
        this.model = model;
    }

    /**
     * An answer with status 200.
     *
     * @param body to be closed by the caller
     * @param length bytes of the body, -1 if not known
     * @param etag the entity tag of the content, which the hub gives before it redirects to where
     *     the content lies; empty if there is none
     */
    record Answer(InputStream body, long length, String etag) {}

    /**
     * Gets an address, following redirects by hand: the token must not go to another host.
     *
     * @throws MtlException if there is no answer or the hub refuses
     */
    Answer get(URI start) {
        var uri = start;
        var etag = "";
        for (var hop = 0; hop <= MAX_REDIRECTS; hop++) {
            var response = send(uri);
            var headers = response.headers();
            if (etag.isEmpty()) {
                etag =
                        headers.firstValue("X-Linked-ETag")
                                .or(() -> headers.firstValue("ETag"))
                                .orElse("");
            }
            if (response.statusCode() == 200) {
                return new Answer(
                        response.body(),
                        headers.firstValueAsLong("Content-Length").orElse(-1),
                        etag);
            }
            close(response);
            var location = headers.firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                throw new MtlException(refusal(uri, response.statusCode()));
            }
            var next = uri.resolve(location.get());
            if ("https".equals(uri.getScheme()) && !"https".equals(next.getScheme())) {
                throw new MtlException(uri + " redirects to " + next + ", which is not encrypted");
            }
            uri = next;
        }
        throw new MtlException(start + " redirects more than " + MAX_REDIRECTS + " times");
    }

    private HttpResponse<InputStream> send(URI uri) {
        var request = HttpRequest.newBuilder(uri).timeout(TIMEOUT).header("User-Agent", "mtl");
        settings.hubToken()
                .filter(token -> isHub(uri))
                .ifPresent(token -> request.header("Authorization", token.header()));
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new MtlException(
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

    private boolean isHub(URI uri) {
        var hub = settings.hubEndpoint();
        return Objects.equals(hub.getScheme(), uri.getScheme())
                && Objects.equals(hub.getRawAuthority(), uri.getRawAuthority());
    }

    private String refusal(URI uri, int status) {
        return switch (status) {
            case 401, 403 ->
                    "%s refuses %s (%d): is the name right? A private or gated model needs HF_TOKEN"
                            .formatted(settings.hubEndpoint(), model, status);
            case 404 -> "%s has no %s (404)".formatted(settings.hubEndpoint(), model);
            default -> "%s answers %d for %s".formatted(uri, status, model);
        };
    }

    private static void close(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            // Nothing is read from it.
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
