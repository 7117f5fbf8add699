package dev.mtl.server.http;

import java.util.LinkedHashMap;
import java.util.Map;

/** Whose errors a client expects, told by the path. */
public enum Dialect {
    /** text-embeddings-inference, and our own routes. */
    TEI,
    OPENAI,
    /** Open Inference Protocol. */
    OIP;

    static Dialect of(String path) {
        if (path.equals("/v2") || path.startsWith("/v2/")) {
            return OIP;
        }
        return path.startsWith("/v1/") || path.equals("/embeddings") ? OPENAI : TEI;
    }

    int status(ErrorType type) {
        return this == TEI ? type.status() : type.plainStatus();
    }

    Map<String, Object> error(ErrorType type, String message) {
        var json = new LinkedHashMap<String, Object>();
        switch (this) {
            case TEI -> {
                json.put("error", message);
                json.put("error_type", type.teiName());
            }
            case OPENAI -> {
                var error = new LinkedHashMap<String, Object>();
                error.put("message", message);
                error.put("type", type.openAiType());
                error.put("param", null);
                error.put("code", type.openAiCode());
                json.put("error", error);
            }
            case OIP -> json.put("error", message);
        }
        return json;
    }
}
