package dev.mtl.train.settings;

import dev.mtl.core.plugin.SettingsRecord;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** The keys of a section that were set, in order. */
final class Keys {
    private final SequencedMap<String, @Nullable Object> values = new LinkedHashMap<>();

    void set(String key, @Nullable Object value) {
        values.put(key, value);
    }

    /** Sets a key for each component, as YAML would. */
    void setAll(Record record) {
        for (var component : record.getClass().getRecordComponents()) {
            set(SettingsRecord.key(component.getName()), value(record, component));
        }
    }

    private static @Nullable Object value(Record record, RecordComponent component) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(
                    "the settings of " + record.getClass().getName() + " cannot be read", e);
        }
    }

    Map<String, @Nullable Object> toMap() {
        return Collections.unmodifiableSequencedMap(values);
    }
}
