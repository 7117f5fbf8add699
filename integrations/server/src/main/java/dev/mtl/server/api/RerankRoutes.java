package dev.mtl.server.api;

import dev.mtl.core.head.Prediction;
import dev.mtl.server.http.ApiException;
import dev.mtl.server.http.Exchange;
import dev.mtl.server.http.Gate;
import dev.mtl.server.http.Gate.Access;
import dev.mtl.server.model.LoadedModel;
import dev.mtl.server.model.ServedModels;
import dev.mtl.server.model.TaskInfo;

import io.helidon.webserver.http.HttpRouting;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** {@code /rerank} of text-embeddings-inference: texts by their score beside a query. */
public final class RerankRoutes {
    private final ServedModels models;

    public RerankRoutes(ServedModels models) {
        this.models = models;
    }

    public void register(HttpRouting.Builder routing, Gate gate) {
        routing.post("/rerank", gate.handler(Access.KEY, this::rerank));
    }

    private record Rank(int index, double score) {}

    private void rerank(Exchange exchange) {
        var body = exchange.body();
        var query = Inputs.requireLength(body.requireText("query"), "query", exchange);
        body.require("texts");
        var given = body.texts("texts");
        var texts = given == null ? List.<String>of() : given;
        Inputs.requireSize(texts.size(), "texts", exchange.limits().maxInputs());
        int characters = query.length() * texts.size();
        for (var text : texts) {
            characters += Inputs.requireLength(text, "texts", exchange).length();
        }
        exchange.inputs(true, characters);
        boolean raw = body.flag("raw_scores", false);
        boolean withText = body.flag("return_text", false);
        var how =
                new Embedding(
                        body.flag("truncate", true), Embedding.cutsStart(body), null, false, null);
        var task = body.text("task");
        var label = body.text("label");
        var model = models.get(body.text("model"));
        var ranks =
                exchange.compute(
                        () -> model.use(m -> ranks(query, texts, how, task, label, raw, m)));
        exchange.answer(
                to -> {
                    to.writeStartArray();
                    for (var rank : ranks) {
                        to.writeStartObject();
                        to.writeNumberField("index", rank.index());
                        if (withText) {
                            to.writeStringField("text", texts.get(rank.index()));
                        }
                        to.writeNumberField("score", (float) rank.score());
                        to.writeEndObject();
                    }
                    to.writeEndArray();
                });
    }

    private static List<Rank> ranks(
            String query,
            List<String> texts,
            Embedding how,
            @Nullable String name,
            @Nullable String label,
            boolean raw,
            LoadedModel model) {
        var task = Scores.task(model, name, 2, "model is not a re-ranker model");
        var counted = label(task, label);
        var pairs = texts.stream().map(text -> how.readable(List.of(query, text), model)).toList();
        var answers = model.pipeline().analyzeExamples(pairs, List.of(task.name()));
        return IntStream.range(0, answers.size())
                .mapToObj(
                        i -> {
                            var prediction = answers.get(i).prediction(task.name());
                            double score = score(prediction, counted);
                            return new Rank(i, raw ? Scores.raw(score, prediction) : score);
                        })
                .sorted(Comparator.comparingDouble(rank -> -rank.score()))
                .toList();
    }

    /** The label whose probability is the score; null for tasks that give numbers. */
    private static @Nullable String label(TaskInfo task, @Nullable String asked) {
        if (task.kind() == TaskInfo.Kind.VALUES) {
            return null;
        }
        if (asked != null && task.labels().contains(asked)) {
            return asked;
        }
        if (asked == null && task.labels().size() == 1) {
            return task.labels().getFirst();
        }
        throw ApiException.invalid(
                "`label` names the label of task '%s' that texts are ranked by: one of %s"
                        .formatted(task.name(), task.labels()));
    }

    private static double score(Prediction prediction, @Nullable String label) {
        return Scores.of(prediction).stream()
                .filter(each -> label == null || each.name().equals(label))
                .findFirst()
                .orElseThrow()
                .score();
    }
}
