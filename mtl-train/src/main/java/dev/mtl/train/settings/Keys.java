package dev.mtl.train.settings;

import dev.mtl.core.plugin.SettingsRecord;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The keys of a section that were set, in order.
 *
 * @param <S> the section's own class
 */
abstract sealed class Keys<S extends Keys<S>>
        permits AdapterSettings,
                DataSettings,
                FreezingSettings,
                FreezingSettings.Layers,
                ModelSettings,
                OutputSettings,
                TaskSettings,
                TrainingSettings {
    private final SequencedMap<String, @Nullable Object> values = new LinkedHashMap<>();

    /**
     * Sets a key by its name in YAML, such as a setting of a head: {@code set("label_smoothing",
     * 0.1)}. A value is a Boolean, a number, a String, an enum, a List, or a Map or record of
     * these.
     */
    @SuppressWarnings("unchecked") // S is the class of this object
    public S set(String key, @Nullable Object value) {
        values.put(key, value);
        return (S) this;
    }

    /** Sets a key for each component, as YAML would. */
    @SuppressWarnings("unchecked") // S is the class of this object
    S setAll(Record record) {
        for (var component : record.getClass().getRecordComponents()) {
            set(SettingsRecord.key(component.getName()), value(record, component));
        }
        return (S) this;
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

    /** The keys that were set, by their names in YAML. */
    public Map<String, @Nullable Object> toMap() {
        return Collections.unmodifiableSequencedMap(values);
    }
}
