package dev.mtl.cli.option;

import dev.mtl.core.internal.NearestName;
import dev.mtl.core.plugin.SettingsRecord;
import dev.mtl.train.config.ModelConfig;
import dev.mtl.train.config.OutputConfig;
import dev.mtl.train.config.training.TrainingConfig;

import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Says what is wrong with the arguments of a command, in its user's words. */
public final class WrongCall {
    /** What users of other tools type for a value. */
    private static final Map<String, String> OTHER_NAMES =
            Map.of("dev", "validation", "valid", "validation", "val", "validation");

    private WrongCall() {}

    /** The message of an exception, and what may have been meant. */
    public static String message(ParameterException e) {
        return noSuchValue(e)
                .or(() -> keyOfConfiguration(e))
                .orElse(String.valueOf(e.getMessage()));
    }

    /** The value of an option with a few values is none of them. */
    private static Optional<String> noSuchValue(ParameterException e) {
        var argument = e.getArgSpec();
        var value = e.getValue();
        if (argument == null || value == null || !argument.type().isEnum()) {
            return Optional.empty();
        }
        var known =
                Arrays.stream(argument.type().getEnumConstants())
                        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                        .toList();
        var other = OTHER_NAMES.get(value.toLowerCase(Locale.ROOT));
        return Optional.of(
                "%s: no '%s'; known: %s%s"
                        .formatted(
                                argument.isOption()
                                        ? ((picocli.CommandLine.Model.OptionSpec) argument)
                                                .longestName()
                                        : argument.paramLabel(),
                                value,
                                String.join(", ", known),
                                other != null && known.contains(other)
                                        ? NearestName.hint(other)
                                        : NearestName.hint(value, known)));
    }

    /** An unknown option is a key of the configuration. */
    private static Optional<String> keyOfConfiguration(ParameterException e) {
        var command = e.getCommandLine().getCommandSpec();
        if (!(e instanceof UnmatchedArgumentException unmatched)
                || command.findOption("--set") == null) {
            return Optional.empty();
        }
        return unmatched.getUnmatched().stream()
                .filter(argument -> argument.startsWith("--"))
                .flatMap(argument -> hint(argument, e).stream())
                .findFirst();
    }

    private static Optional<String> hint(String argument, ParameterException e) {
        int equals = argument.indexOf('=');
        var option = equals < 0 ? argument : argument.substring(0, equals);
        var key = option.substring(2).replace('-', '_');
        return keys().filter(path -> path.endsWith("." + key))
                .findFirst()
                .map(
                        path ->
                                "Unknown option: '%s'; it is a key of the configuration: --set %s=%s"
                                        .formatted(
                                                option,
                                                path,
                                                equals < 0
                                                        ? next(option, e)
                                                        : argument.substring(equals + 1)));
    }

    /** What follows an argument, which is meant as its value. */
    private static String next(String argument, ParameterException e) {
        var parsed = e.getCommandLine().getParseResult();
        List<String> all = parsed == null ? List.of() : new ArrayList<>(parsed.originalArgs());
        int index = all.indexOf(argument) + 1;
        return index > 0 && index < all.size() && !all.get(index).startsWith("-")
                ? all.get(index)
                : "VALUE";
    }

    private static Stream<String> keys() {
        return Stream.of(
                        keys("training", TrainingConfig.class),
                        keys("model", ModelConfig.class),
                        keys("output", OutputConfig.class))
                .flatMap(keys -> keys);
    }

    private static Stream<String> keys(String section, Class<? extends Record> keys) {
        return Arrays.stream(keys.getRecordComponents())
                .map(component -> section + "." + SettingsRecord.key(component.getName()));
    }
}
