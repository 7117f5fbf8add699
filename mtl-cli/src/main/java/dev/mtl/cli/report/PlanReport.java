package dev.mtl.cli.report;

import dev.mtl.cli.console.Console;
import dev.mtl.train.progress.TrainingPlan;
import dev.mtl.train.settings.Schedule;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints the plan of a training run, {@code mtl train --plan}. */
public final class PlanReport {
    private PlanReport() {}

    public static void print(Console console, TrainingPlan plan, boolean json) {
        if (json) {
            console.json(toJson(plan));
        } else {
            console.text(toText(plan));
        }
    }

    private static Map<String, Object> toJson(TrainingPlan plan) {
        var json = new LinkedHashMap<String, Object>();
        json.put("steps", plan.steps());
        json.put("steps_per_epoch", plan.stepsPerEpoch());
        json.put("groups", plan.groups().stream().map(PlanReport::toJson).toList());
        var schedule = new LinkedHashMap<String, Object>();
        schedule.put("name", plan.schedule().name().toLowerCase(Locale.ROOT));
        if (plan.schedule() == Schedule.POLYNOMIAL) {
            schedule.put("polynomial_power", plan.polynomialPower());
        }
        schedule.put("warmup_steps", plan.warmupSteps());
        json.put("schedule", schedule);
        json.put("unfreezing", plan.unfreezing().stream().map(PlanReport::toJson).toList());
        json.put("data", plan.data().stream().map(PlanReport::toJson).toList());
        json.put("notes", plan.notes());
        return json;
    }

    private static Map<String, Object> toJson(TrainingPlan.Group group) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", group.name());
        json.put("layers", group.layers());
        json.put("learning_rate", group.learningRate());
        json.put("weight_decay", group.weightDecay());
        json.put("trainable", group.trainableFrom() != null);
        json.put("trainable_from_step", group.trainableFrom());
        json.put("parameters", group.parameters());
        return json;
    }

    private static Map<String, Object> toJson(TrainingPlan.Unfreezing unfreezing) {
        var json = new LinkedHashMap<String, Object>();
        json.put("step", unfreezing.step());
        json.put("epoch", unfreezing.epoch());
        json.put("layer", unfreezing.layer());
        json.put("embeddings", unfreezing.embeddings());
        return json;
    }

    private static Map<String, Object> toJson(TrainingPlan.Data data) {
        var json = new LinkedHashMap<String, Object>();
        json.put("source", data.source());
        json.put("tasks", data.tasks());
        json.put("examples", data.examples());
        json.put("passes_per_epoch", data.passesPerEpoch());
        return json;
    }

    private static String toText(TrainingPlan plan) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d steps, %d per epoch\n",
                        plan.steps(),
                        plan.stepsPerEpoch()));
        text.append(
                String.format(
                        Locale.ROOT,
                        "schedule: %s, after a warmup of %d steps\n",
                        plan.schedule().name().toLowerCase(Locale.ROOT)
                                + (plan.schedule() == Schedule.POLYNOMIAL
                                        ? " of power " + plan.polynomialPower()
                                        : ""),
                        plan.warmupSteps()));
        for (var data : plan.data()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "data: %s, %d examples for %s, each seen %.2f times per epoch\n",
                            data.source(),
                            data.examples(),
                            String.join(", ", data.tasks()),
                            data.passesPerEpoch()));
        }
        text.append('\n');
        text.append(
                String.format(
                        Locale.ROOT,
                        "%-24s %14s %13s %12s  %s\n",
                        "group",
                        "learning rate",
                        "weight decay",
                        "parameters",
                        "trains"));
        long trained = 0;
        long all = 0;
        for (var group : plan.groups()) {
            var from = group.trainableFrom();
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-24s %14.4e %13s %,12d  %s\n",
                            group.name(),
                            group.learningRate(),
                            group.weightDecay(),
                            group.parameters(),
                            from == null ? "never" : from == 1 ? "always" : "from step " + from));
            all += group.parameters();
            trained += from == null ? 0 : group.parameters();
        }
        text.append(String.format(Locale.ROOT, "%,d of %,d parameters train\n", trained, all));
        for (var unfrozen : plan.unfreezing()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "layer %d%s at step %d, after %.2f epochs\n",
                            unfrozen.layer(),
                            unfrozen.embeddings() ? " and the embeddings join" : " joins",
                            unfrozen.step(),
                            unfrozen.epoch()));
        }
        plan.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.toString();
    }
}
