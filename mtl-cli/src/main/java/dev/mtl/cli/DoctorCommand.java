package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.doctor.Doctor;
import dev.mtl.cli.doctor.Finding;
import dev.mtl.cli.option.CommonOptions;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.concurrent.Callable;

@Command(
        name = "doctor",
        description =
                "Checks everything that MTL needs on this machine, and says what to do about"
                        + " problems.",
        mixinStandardHelpOptions = true,
        footer = {"", "The exit code is 1 if something that MTL needs is broken."})
final class DoctorCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Option(
            names = "--verify",
            description =
                    "Also compare the files of LibTorch and of all models with their checksums.")
    private boolean verify;

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var findings =
                new Doctor(console.settings(), console.store(), console.environment(), verify)
                        .examine();
        boolean works = findings.stream().noneMatch(f -> f.level() == Finding.Level.PROBLEM);
        if (common.json()) {
            var json = new LinkedHashMap<String, Object>();
            json.put("ok", works);
            json.put("checks", findings.stream().map(Finding::toJson).toList());
            console.json(json);
        } else {
            for (var finding : findings) {
                console.result(
                        String.format(
                                Locale.ROOT,
                                "%-8s %s: %s",
                                finding.word(),
                                finding.name(),
                                finding.text()));
                finding.advice().ifPresent(advice -> console.result("         -> " + advice));
            }
        }
        return works ? 0 : ExitCode.SOFTWARE;
    }
}
