package dev.mtl.core.store.hub;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** The server answered 408, 429 or 5xx: the request may succeed later. */
final class ServerBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final @Nullable Duration wait;

    /**
     * @param retryAfter the header {@code Retry-After} (RFC 9110, 10.2.3): seconds or a date
     */
    ServerBusyException(String message, Optional<String> retryAfter, Instant now) {
        super(message);
        wait = retryAfter.map(text -> wait(text.strip(), now)).orElse(null);
    }

    private static @Nullable Duration wait(String text, Instant now) {
        if (text.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            var date = DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from);
            return date.isAfter(now) ? Duration.between(now, date) : Duration.ZERO;
        } catch (DateTimeParseException e) {
            return null; // malformed: as if the header were missing
        }
    }

    /** The pause that the server asks for, if it does. */
    Optional<Duration> retryAfter() {
        return Optional.ofNullable(wait);
    }

    static boolean isBusy(int status) {
        return status == 408 || status == 429 || status / 100 == 5;
    }
}
