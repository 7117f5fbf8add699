package dev.mtl.train.format.settings;

import dev.mtl.train.format.DataFormat;
import dev.mtl.train.format.JointBertFormat;

import java.util.List;

/**
 * Settings of {@code format: jointbert}.
 *
 * @param column the file of the targets
 */
public record JointBertSettings(String column) implements FormatSettings {
    /** What YAML leaves out. */
    public static final JointBertSettings DEFAULTS = new JointBertSettings("label");

    public JointBertSettings {
        SettingsRules.of("jointbert").oneOf("column", column, List.of("label", "seq.out"));
    }

    @Override
    public String name() {
        return "jointbert";
    }

    @Override
    public DataFormat reader() {
        return new JointBertFormat();
    }
}
