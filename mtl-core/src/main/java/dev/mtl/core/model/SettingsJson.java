package dev.mtl.core.model;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;

import dev.mtl.core.head.ClassWeights;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A head's settings as JSON has them: the components of the record, whatever other methods it has.
 * Jackson by itself would also write what {@code getX()} and {@code isX()} give, and not read it.
 */
final class SettingsJson {
    private SettingsJson() {}

    static Map<String, @Nullable Object> of(Record settings) {
        var json = new LinkedHashMap<String, @Nullable Object>();
        for (var component : settings.getClass().getRecordComponents()) {
            try {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                var value = accessor.invoke(settings);
                json.put(SnakeCaseStrategy.INSTANCE.translate(component.getName()), json(value));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
        return json;
    }

    private static @Nullable Object json(@Nullable Object value) {
        return switch (value) {
            case ClassWeights weights -> weights.written();
            case Record record -> of(record);
            case null, default -> value;
        };
    }
}
