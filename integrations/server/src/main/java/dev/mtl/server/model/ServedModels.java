package dev.mtl.server.model;

import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.ErrorType;
import dev.mtl.server.settings.ServerSettings;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;

/** The models of a server. */
public final class ServedModels implements AutoCloseable {
    private final SequencedMap<String, ServedModel> byName = new LinkedHashMap<>();

    /**
     * Loads the models.
     *
     * @param onLoad hears of each version of each model before it serves
     */
    public ServedModels(ServerSettings settings, Consumer<LoadedModel> onLoad) {
        try {
            for (var source : settings.models()) {
                byName.put(
                        source.name(),
                        new ServedModel(source, settings.pipelines(), settings.examples(), onLoad));
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** All, in the order of the settings. */
    public Collection<ServedModel> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    /**
     * A model.
     *
     * @param name null for the first
     * @throws ApiException if there is none of this name
     */
    public ServedModel get(@Nullable String name) {
        var model = name == null ? byName.firstEntry().getValue() : byName.get(name);
        if (model == null) {
            throw new ApiException(
                    ErrorType.NO_MODEL,
                    "The model `"
                            + name
                            + "` does not exist; this server has "
                            + String.join(", ", byName.keySet()));
        }
        return model;
    }

    @Override
    public void close() {
        byName.values().forEach(ServedModel::close);
        byName.clear();
    }
}
