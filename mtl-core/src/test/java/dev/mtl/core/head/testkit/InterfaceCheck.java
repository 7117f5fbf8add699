package dev.mtl.core.head.testkit;

import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.testkit.HeadTestKit.Subject;
import dev.mtl.torch.DType;

import java.util.List;

/** Shapes, types and counts of what the head returns. */
final class InterfaceCheck {
    private static final List<Target> KINDS =
            List.of(
                    new Target.Unlabelled(),
                    new Target.Category("a label of no training data"),
                    new Target.Tags(List.of("B-a-type-of-no-training-data")),
                    new Target.Labels(List.of("a label of no training data")),
                    new Target.Values(List.of(1.0, 2.0, 3.0, 4.0, 5.0)));

    private InterfaceCheck() {}

    static void run(Subject subject) {
        var head = subject.head();
        var batch = subject.examples().all();
        var loss = head.loss(batch, head.parameters(false), batch.inputs(false));
        require(
                loss.shape().length == 0 && loss.dtype() == DType.FLOAT32,
                "loss must return a FLOAT32 scalar without dimensions");
        require(Double.isFinite(loss.item()), "the loss is " + loss.item());
        requireParts(head.lossWithParts(batch), loss.item());
        requirePredictions(subject);
        requireRejections(subject);
    }

    private static void requireParts(TaskHead.LossParts parts, double loss) {
        require(
                parts.loss().item() == loss,
                "lossWithParts gives the loss %s, loss gives %s"
                        .formatted(parts.loss().item(), loss));
        parts.parts()
                .forEach(
                        (name, part) ->
                                require(
                                        part.shape().length == 0 && part.dtype() == DType.FLOAT32,
                                        "the part '%s' of the loss must be a FLOAT32 scalar"
                                                .formatted(name)));
    }

    private static void requirePredictions(Subject subject) {
        var examples = subject.examples();
        var predictions = subject.head().predict(examples.all());
        require(
                predictions.size() == examples.size(),
                "predict must return one prediction for each of %d examples, not %d"
                        .formatted(examples.size(), predictions.size()));
        var head = subject.head().head();
        var metric = head.newMetric();
        for (int i = 0; i < examples.size(); i++) {
            var prediction = predictions.get(i);
            JsonValues.notJson(prediction.toJson())
                    .ifPresent(
                            value -> {
                                throw new AssertionError(
                                        "toJson() has a %s; JSON has strings, numbers, booleans,"
                                                        .formatted(value.getClass().getName())
                                                + " lists and maps");
                            });
            require(!prediction.toText().contains("\n"), "toText() must be one line");
            metric.add(prediction, examples.targets().get(i));
        }
        require(
                metric.scores().containsKey(head.primaryMetric()),
                "primaryMetric '%s' is not among the scores %s"
                        .formatted(head.primaryMetric(), metric.scores().keySet()));
        require(
                !metric.lowerIsBetter().contains(head.primaryMetric()),
                "primaryMetric '" + head.primaryMetric() + "' must be better the larger it is");
    }

    /** Targets of any kind are encoded or rejected in words for the user. */
    private static void requireRejections(Subject subject) {
        var texts = subject.examples().batch(0).heads().example(0);
        for (var target : KINDS) {
            try {
                subject.head().head().encodeTarget(target, texts);
            } catch (IllegalArgumentException expected) {
                require(
                        expected.getMessage() != null && !expected.getMessage().isBlank(),
                        "encodeTarget rejects %s without a message".formatted(target));
            } catch (RuntimeException e) {
                throw new AssertionError(
                        ("encodeTarget throws %s for %s; reject targets that the head cannot learn"
                                        + " by an IllegalArgumentException that says why")
                                .formatted(e, target),
                        e);
            }
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
