package dev.mtl.train.format.settings;

import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.fields.FieldsFormat;
import dev.mtl.train.format.fields.SquadReader;
import dev.mtl.train.settings.DataSettings.Kind;

import java.util.List;

/**
 * Settings of {@code format: squad}.
 *
 * @param column the field that the task learns: the answers
 */
public record SquadSettings(String column) implements FormatSettings {
    /** What YAML leaves out. */
    public static final SquadSettings DEFAULTS = new SquadSettings(SquadReader.ANSWERS);

    public SquadSettings {
        SettingsRules.of("squad").oneOf("column", column, List.of(SquadReader.ANSWERS));
    }

    @Override
    public String name() {
        return "squad";
    }

    @Override
    public Kind kind() {
        return Kind.ANSWERS;
    }

    @Override
    public DataFormat reader() {
        return new FieldsFormat(new SquadReader(), SquadReader.TEXTS, null);
    }
}
