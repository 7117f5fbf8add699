package dev.mtl.heads.span;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.Target.Answers.Answer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Exact match and F1 of answers, as the evaluation script of SQuAD 2.0 computes them; also those of
 * the questions that have an answer, and the share right of those that have none.
 */
final class AnswerMetric implements Metric {
    private final Sum withAnswer = new Sum();
    private final Sum without = new Sum();

    private static final class Sum {
        private double exact;
        private double f1;
        private int count;

        private double mean(double sum) {
            return count == 0 ? 0 : sum / count;
        }
    }

    static List<String> texts(Target target) {
        return SpanExtractionHead.answers(target).stream().map(Answer::text).toList();
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var found = (FoundAnswer) prediction;
        var said = found.isNone() ? "" : found.bestText();
        var gold = texts(target);
        double exact = AnswerText.best(AnswerText::exact, said, gold);
        var sum = gold.isEmpty() ? without : withAnswer;
        sum.exact += exact;
        sum.f1 += AnswerText.best(AnswerText::f1, said, gold);
        sum.count++;
        return exact == 1;
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        int all = withAnswer.count + without.count;
        scores.put("f1", all == 0 ? 0 : (withAnswer.f1 + without.f1) / all);
        scores.put("exact_match", all == 0 ? 0 : (withAnswer.exact + without.exact) / all);
        if (without.count > 0) {
            scores.put("has_answer_f1", withAnswer.mean(withAnswer.f1));
            scores.put("has_answer_exact_match", withAnswer.mean(withAnswer.exact));
            scores.put("no_answer_accuracy", without.mean(without.exact));
        }
        return scores;
    }
}
