package dev.mtl.train.format.fields;

import dev.mtl.core.head.Target;
import dev.mtl.train.format.DataColumn;
import dev.mtl.train.settings.DataSettings.Kind;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.SequencedMap;

/** The fields of a record, by the columns that the configuration names. */
public interface Fields {
    /** File and line, for messages. */
    String place();

    /**
     * The words of a text that its data set has already split.
     *
     * @return null if the field is a string
     * @throws IllegalArgumentException if it is neither
     */
    @Nullable List<String> words(String column);

    /**
     * A text.
     *
     * @throws IllegalArgumentException if the field is no string
     */
    String text(String column);

    /**
     * What a task learns from a field.
     *
     * @param text the record's text that the target is of: the first, for tags and entities, or the
     *     last, for answers
     * @throws IllegalArgumentException if the field is not of this kind
     */
    Target target(DataColumn column, Kind kind, FieldText text);

    /** A field as the file has it: a string or what JSON may hold; null if there is none. */
    @Nullable Object value(String column);

    /** All fields of the record, by name or number, as strings or what JSON may hold. */
    SequencedMap<String, @Nullable Object> all();
}
