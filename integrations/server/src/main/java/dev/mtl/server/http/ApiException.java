package dev.mtl.server.http;

/** A request that is answered by an error. Its message is for the client. */
public final class ApiException extends RuntimeException {
    private final ErrorType type;

    public ApiException(ErrorType type, String message) {
        super(message);
        this.type = type;
    }

    public static ApiException invalid(String message) {
        return new ApiException(ErrorType.VALIDATION, "Input validation error: " + message);
    }

    public static ApiException empty(String message) {
        return new ApiException(ErrorType.EMPTY, message);
    }

    /** The model cannot answer this. */
    public static ApiException cannot(String message) {
        return new ApiException(ErrorType.BACKEND, "Backend error: " + message);
    }

    public ErrorType type() {
        return type;
    }
}
