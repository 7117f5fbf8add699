package dev.mtl.cli;

import dev.mtl.train.optim.Schedule;
import dev.mtl.train.run.TrainingPlan;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints what training would do. */
final class PlanReport {
    private PlanReport() {}

    static void print(Console console, TrainingPlan plan, boolean json) {
        if (json) {
            console.json(toJson(plan));
        } else {
            console.out().text(toText(plan));
        }
    }

    private static Map<String, Object> toJson(TrainingPlan plan) {
        var json = new LinkedHashMap<String, Object>();
        json.put("steps", plan.steps());
        json.put("steps_per_epoch", plan.stepsPerEpoch());
        json.put(
                "groups",
                plan.groups().stream()
                        .map(
                                group -> {
                                    var own = new LinkedHashMap<String, Object>();
                                    own.put("name", group.name());
                                    own.put("layers", group.layers());
                                    own.put("learning_rate", group.learningRate());
                                    own.put("weight_decay", group.weightDecay());
                                    own.put("trainable", group.trainableFrom() != null);
                                    own.put("trainable_from_step", group.trainableFrom());
                                    own.put("parameters", group.parameters());
                                    return own;
                                })
                        .toList());
        var schedule = new LinkedHashMap<String, Object>();
        schedule.put("name", plan.schedule().name().toLowerCase(Locale.ROOT));
        if (plan.schedule() == Schedule.POLYNOMIAL) {
            schedule.put("polynomial_power", plan.polynomialPower());
        }
        schedule.put("warmup_steps", plan.warmupSteps());
        json.put("schedule", schedule);
        json.put(
                "unfreezing",
                plan.unfreezing().stream()
                        .map(
                                one -> {
                                    var own = new LinkedHashMap<String, Object>();
                                    own.put("step", one.step());
                                    own.put("epoch", one.epoch());
                                    own.put("layer", one.layer());
                                    own.put("embeddings", one.embeddings());
                                    return own;
                                })
                        .toList());
        json.put(
                "data",
                plan.data().stream()
                        .map(
                                data -> {
                                    var own = new LinkedHashMap<String, Object>();
                                    own.put("source", data.source());
                                    own.put("tasks", data.tasks());
                                    own.put("examples", data.examples());
                                    own.put("passes_per_epoch", data.passesPerEpoch());
                                    return own;
                                })
                        .toList());
        json.put("notes", plan.notes());
        return json;
    }

    private static String toText(TrainingPlan plan) {
        var text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d steps, %d an epoch\n",
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
                            "data: %s, %d examples for %s, each seen %.2f times an epoch\n",
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
        for (var one : plan.unfreezing()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "layer %d%s at step %d, after %.2f epochs\n",
                            one.layer(),
                            one.embeddings() ? " and the embeddings join" : " joins",
                            one.step(),
                            one.epoch()));
        }
        plan.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.toString();
    }
}
