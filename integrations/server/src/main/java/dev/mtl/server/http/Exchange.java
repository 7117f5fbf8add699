package dev.mtl.server.http;

import dev.mtl.server.connection.ClientConnection;
import dev.mtl.server.settings.ServerLimits;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** A request and its answer. */
public final class Exchange {
    private final ServerRequest request;
    private final ServerResponse response;
    private final Gate gate;
    private final RequestId id;
    private final Dialect dialect;
    private final CallTimes times = new CallTimes();
    private final long start = System.nanoTime();
    private int characters;
    private boolean counted;
    private boolean batch;
    private boolean closes;

    Exchange(ServerRequest request, ServerResponse response, Gate gate) {
        this.request = request;
        this.response = response;
        this.gate = gate;
        this.id = RequestId.of(request.headers());
        this.dialect = Dialect.of(request.path().path());
    }

    RequestId id() {
        return id;
    }

    Dialect dialect() {
        return dialect;
    }

    ServerRequest request() {
        return request;
    }

    ServerResponse response() {
        return response;
    }

    boolean batch() {
        return batch;
    }

    boolean counted() {
        return counted;
    }

    public ServerLimits limits() {
        return gate.limits();
    }

    /** Whether the server is about to end. */
    public boolean isDraining() {
        return gate.isDraining();
    }

    /** Of the pipelines' calls so far. */
    public CallTimes times() {
        return times;
    }

    long nanos() {
        return System.nanoTime() - start;
    }

    /** A parameter of the path. */
    public String parameter(String name) {
        return request.path().pathParameters().get(name);
    }

    /** The parameters of the path that there are. */
    public Map<String, String> parameters() {
        var values = new HashMap<String, String>();
        var parameters = request.path().pathParameters();
        parameters.names().forEach(name -> values.put(name, parameters.get(name)));
        return values;
    }

    public boolean hasBody() {
        return request.content().hasEntity();
    }

    /** Whether a client prefers a page to JSON. */
    public boolean wantsHtml() {
        return request.headers()
                .first(HeaderNames.ACCEPT)
                .map(accept -> accept.contains("text/html"))
                .orElse(false);
    }

    /** Reads the body, a JSON object. */
    public Body body() {
        return Body.parse(bytes());
    }

    private byte[] bytes() {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        int most = gate.limits().maxBodyBytes();
        byte[] bytes;
        try (var in = request.content().inputStream()) {
            bytes = in.readNBytes(most + 1);
        } catch (CloseConnectionException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            closes = true;
            if (e instanceof RequestException known
                    && known.status().code() == Status.REQUEST_ENTITY_TOO_LARGE_413.code()) {
                throw tooLarge(most);
            }
            throw ApiException.invalid("the body ends early, or its chunks are wrong");
        }
        if (bytes.length > most) {
            closes = true;
            throw tooLarge(most);
        }
        return bytes;
    }

    private static ApiException tooLarge(int most) {
        return new ApiException(ErrorType.TOO_LARGE, "the body has more than " + most + " bytes");
    }

    /** Whether nothing can follow on the connection, because the body was not read to its end. */
    boolean closes() {
        return closes;
    }

    /**
     * Says what is asked, for limits and metrics; before {@link #compute}.
     *
     * @param asBatch whether the inputs came as a list
     * @param characters of all texts
     */
    public void inputs(boolean asBatch, int characters) {
        this.batch = asBatch;
        this.characters = characters;
        counted = true;
        gate.metrics().requested(asBatch);
    }

    /**
     * Computes an answer on this thread, which is interrupted if that takes too long or the client
     * goes.
     *
     * @throws ApiException if too many requests are computed
     */
    public <T> T compute(Supplier<T> answer) {
        return gate.permits()
                .use(() -> ClientConnection.current().compute(answer, gate.limits().requestTime()));
    }

    /** Sends JSON. */
    public void json(Json.Writer writer) {
        send("application/json", Json.bytes(writer));
    }

    /** Sends a value of maps, lists, texts and numbers as JSON. */
    public void json(Object value) {
        send("application/json", Json.bytes(value));
    }

    /** Sends an answer that pipelines computed, with what they took. */
    public void answer(Json.Writer writer) {
        var bytes = Json.bytes(writer);
        header("x-compute-type", gate.computeType());
        header("x-compute-time", millis(nanos()));
        header("x-compute-characters", characters);
        header("x-compute-tokens", times.tokens());
        header("x-total-time", millis(nanos()));
        header("x-tokenization-time", millis(times.tokenizationNanos()));
        header("x-queue-time", millis(times.queueNanos()));
        header("x-inference-time", millis(times.inferenceNanos()));
        send("application/json", bytes);
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }

    private void header(String name, long value) {
        header(name, Long.toString(value));
    }

    public void header(String name, String value) {
        response.header(name, value);
    }

    /** Sends bytes of a type. */
    public void send(String type, byte[] bytes) {
        response.header(HeaderNames.CONTENT_TYPE, type);
        response.send(bytes);
    }

    /** Sends nothing but the status 200. */
    public void ok() {
        response.send();
    }

    void error(ErrorType type, String message) {
        response.status(dialect.status(type));
        if (type == ErrorType.OVERLOADED || type == ErrorType.UNHEALTHY) {
            header("Retry-After", "1");
        }
        if (closes) {
            response.header(HeaderValues.CONNECTION_CLOSE);
        }
        if (type == ErrorType.UNAUTHORIZED) {
            header("WWW-Authenticate", "Bearer");
        }
        json((Object) dialect.error(type, message));
    }

    /** What clients read of an error whose request never became an exchange. */
    static byte[] error(String path, int status, String message) {
        var dialect = Dialect.of(path);
        for (var type : ErrorType.values()) {
            if (dialect.status(type) == status) {
                return Json.bytes(dialect.error(type, message));
            }
        }
        return Json.bytes(Map.of("error", message));
    }

    @Override
    public String toString() {
        return id
                + " "
                + request.prologue().method().text()
                + " "
                + escaped(request.path().rawPath());
    }

    /** Without characters that could forge another line of a log. */
    private static String escaped(String path) {
        var ascii = new String(path.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII);
        return ascii.replaceAll("[^!-~]", "?");
    }
}
