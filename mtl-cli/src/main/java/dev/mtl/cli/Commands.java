package dev.mtl.cli;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.models.ModelsCommand;
import dev.mtl.cli.search.RetrievalCommand;

import picocli.CommandLine;

import java.lang.reflect.InvocationTargetException;

/** The subcommands of {@code mtl}; creates each with the console that it writes to. */
final class Commands implements CommandLine.IFactory {
    private final Console console;

    Commands(Console console) {
        this.console = console;
    }

    static void addTo(CommandLine line, Console console) {
        line.addSubcommand(new EmbedCommand(console))
                .addSubcommand(new InitCommand(console))
                .addSubcommand(new TrainCommand(console))
                .addSubcommand(new EvaluateCommand(console))
                .addSubcommand(new RetrievalCommand(console))
                .addSubcommand(new PredictCommand(console))
                .addSubcommand(new ServeCommand(console))
                .addSubcommand(new ExportCommand(console))
                .addSubcommand(new CommandLine(new ModelsCommand(), new Commands(console)))
                .addSubcommand(new CommandLine(new DataCommand(), new Commands(console)))
                .addSubcommand(new RunsCommand(console))
                .addSubcommand(new TuneCommand(console))
                .addSubcommand(new HeadsCommand(console))
                .addSubcommand(new DoctorCommand(console))
                .addSubcommand(new CommandLine.HelpCommand());
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        try {
            var constructor = type.getDeclaredConstructor(Console.class);
            return constructor.newInstance(console);
        } catch (NoSuchMethodException e) {
            return CommandLine.defaultFactory().create(type);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
