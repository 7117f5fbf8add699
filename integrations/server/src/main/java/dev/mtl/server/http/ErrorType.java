package dev.mtl.server.http;

/** What went wrong with a request, each with its status and names in the formats of errors. */
public enum ErrorType {
    /** The body is not JSON, or not what the route takes. */
    VALIDATION(422, "Validation", 400, "invalid_request_error", "invalid_request"),
    /** A batch or a text without content. */
    EMPTY(400, "Empty", 400, "invalid_request_error", "invalid_request"),
    /** The body is too large. */
    TOO_LARGE(413, "Validation", 413, "invalid_request_error", "request_too_large"),
    /** The model cannot answer this, or failed. */
    BACKEND(424, "Backend", 400, "invalid_request_error", "model_not_suitable"),
    UNAUTHORIZED(401, "Validation", 401, "invalid_request_error", "invalid_api_key"),
    FORBIDDEN(403, "Validation", 403, "invalid_request_error", "forbidden"),
    NO_MODEL(404, "Validation", 404, "invalid_request_error", "model_not_found"),
    NO_ROUTE(404, "Validation", 404, "invalid_request_error", "unknown_url"),
    NO_METHOD(405, "Validation", 405, "invalid_request_error", "method_not_supported"),
    OVERLOADED(429, "Overloaded", 429, "requests", "rate_limit_exceeded"),
    UNHEALTHY(503, "Unhealthy", 503, "server_error", "service_unavailable"),
    /** A mistake of this program. */
    INTERNAL(500, "Backend", 500, "server_error", "internal_error");

    private final int status;
    private final String name;
    private final int plainStatus;
    private final String openAiType;
    private final String openAiCode;

    ErrorType(int status, String name, int plainStatus, String openAiType, String openAiCode) {
        this.status = status;
        this.name = name;
        this.plainStatus = plainStatus;
        this.openAiType = openAiType;
        this.openAiCode = openAiCode;
    }

    /** Of text-embeddings-inference. */
    int status() {
        return status;
    }

    /** {@code error_type} of text-embeddings-inference. */
    String teiName() {
        return name;
    }

    /** Of OpenAI and the Open Inference Protocol. */
    int plainStatus() {
        return plainStatus;
    }

    String openAiType() {
        return openAiType;
    }

    String openAiCode() {
        return openAiCode;
    }
}
