package dev.mtl.server.http;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.InferenceTimeoutException;
import dev.mtl.core.MtlException;
import dev.mtl.server.connection.ClientConnection;
import dev.mtl.server.settings.ServerLimits;

import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;

/** What every request passes: limits, the key, CORS, ids, errors, metrics, and the log. */
public final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger("dev.mtl.server.requests");

    private final ServerLimits limits;
    private final Authorization authorization;
    private final Cors cors;
    private final Permits permits;
    private final ServerMetrics metrics;
    private final String computeType;
    private final InFlight inFlight = new InFlight();
    private volatile boolean draining;

    /** Who may call a route. */
    public enum Access {
        /** Everybody, until the server ends: health, metrics, the page. */
        PUBLIC,
        /** Who has the key, if there is one. */
        KEY,
        /** Who has the key; nobody if there is none. */
        ADMIN
    }

    /** What a route does. */
    @FunctionalInterface
    public interface Action {
        void run(Exchange exchange);
    }

    /**
     * @param key null for none
     * @param origins that CORS allows
     * @param computeType where models run, as text-embeddings-inference says it
     */
    public Gate(
            ServerLimits limits,
            @Nullable String key,
            List<String> origins,
            ServerMetrics metrics,
            String computeType) {
        this.limits = limits;
        this.metrics = metrics;
        this.computeType = computeType;
        authorization = new Authorization(key);
        cors = new Cors(List.copyOf(origins));
        permits = new Permits(limits.maxConcurrentRequests());
        metrics.watchQueue(permits::used);
    }

    ServerLimits limits() {
        return limits;
    }

    Permits permits() {
        return permits;
    }

    ServerMetrics metrics() {
        return metrics;
    }

    String computeType() {
        return computeType;
    }

    /** Whether new requests are refused because the server ends. */
    public boolean isDraining() {
        return draining;
    }

    /** Refuses new requests from now on. */
    public void refuseNew() {
        draining = true;
    }

    /**
     * Waits for requests that have begun.
     *
     * @return how many did not end in time
     */
    public int awaitAnswers(Duration time) throws InterruptedException {
        return inFlight.awaitNone(time) ? 0 : inFlight.count();
    }

    /** A handler of a route. */
    public Handler handler(Access access, Action action) {
        return (request, response) -> handle(request, response, access, action);
    }

    private void handle(
            ServerRequest request, ServerResponse response, Access access, Action action) {
        inFlight.begin();
        var exchange = new Exchange(request, response, this);
        try {
            exchange.header(RequestId.HEADER, exchange.id().value());
            exchange.times().during(() -> answer(exchange, access, action));
        } finally {
            LOG.info(
                    "{} {} {} ms, {} tokens",
                    exchange,
                    response.status().code(),
                    exchange.nanos() / 1_000_000,
                    exchange.times().tokens());
            inFlight.end();
            ClientConnection.current().answered();
        }
    }

    private void answer(Exchange exchange, Access access, Action action) {
        try {
            cors.allow(exchange);
            if (draining) {
                exchange.response().header(HeaderValues.CONNECTION_CLOSE);
            }
            if (access != Access.PUBLIC) {
                admit(exchange, access);
            }
            action.run(exchange);
            metrics.answered(exchange);
        } catch (ApiException e) {
            fail(exchange, e.type(), String.valueOf(e.getMessage()));
        } catch (ClientConnection.Stopped e) {
            if (e.why() == ClientConnection.Stop.GONE) {
                metrics.dropped();
                throw new CloseConnectionException("the client has gone");
            }
            fail(
                    exchange,
                    ErrorType.OVERLOADED,
                    "there was no answer within %d ms; try again later, or send fewer texts"
                            .formatted(limits.requestTime().toMillis()));
        } catch (InferenceTimeoutException e) {
            fail(exchange, ErrorType.OVERLOADED, "Model is overloaded");
        } catch (ConfigurationException e) {
            fail(exchange, ErrorType.VALIDATION, "Input validation error: " + e.getMessage());
        } catch (CloseConnectionException | RequestException | HttpException e) {
            throw e;
        } catch (MtlException e) {
            LOG.error("{} failed", exchange, e);
            fail(exchange, ErrorType.BACKEND, "Backend error: inference failed" + see(exchange));
        } catch (RuntimeException e) {
            LOG.error("{} failed: internal error", exchange, e);
            fail(exchange, ErrorType.INTERNAL, "internal error" + see(exchange));
        }
    }

    private static String see(Exchange exchange) {
        return "; the server's log has request " + exchange.id();
    }

    private void admit(Exchange exchange, Access access) {
        if (draining) {
            throw new ApiException(ErrorType.UNHEALTHY, "the server is shutting down");
        }
        authorization.check(exchange.request().headers());
        if (access == Access.ADMIN && authorization.isOpen()) {
            throw new ApiException(
                    ErrorType.FORBIDDEN, "this needs a server that was started with an API key");
        }
    }

    private void fail(Exchange exchange, ErrorType type, String message) {
        metrics.failed(type);
        exchange.error(type, message);
        if (exchange.closes()) {
            throw new CloseConnectionException("the body was not read to its end");
        }
    }

    /** Answers what browsers ask before they send a request. */
    public void preflight(Exchange exchange) {
        cors.preflight(exchange);
    }
}
