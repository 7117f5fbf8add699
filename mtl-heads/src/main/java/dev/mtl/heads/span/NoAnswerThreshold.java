package dev.mtl.heads.span;

import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The threshold of no answer with the highest F1, as {@code find_best_thresh} of SQuAD 2.0's script
 * finds it: between the differences of questions, in their order.
 */
final class NoAnswerThreshold {
    private NoAnswerThreshold() {}

    /**
     * A question.
     *
     * @param difference by how much no answer is better than the best one
     * @param gain what F1 gains if the best answer is given
     */
    private record Question(double difference, double gain) {}

    /** The threshold; 0 if there are no questions with candidates. */
    static double best(List<? extends Prediction> predictions, List<Target> targets) {
        var questions = new ArrayList<Question>();
        for (int i = 0; i < predictions.size(); i++) {
            var found = (FoundAnswer) predictions.get(i);
            if (!found.candidates().isEmpty()) {
                var gold = AnswerMetric.texts(targets.get(i));
                double answered = AnswerText.best(AnswerText::f1, found.bestText(), gold);
                double silent = AnswerText.best(AnswerText::f1, "", gold);
                questions.add(new Question(found.noneDifference(), answered - silent));
            }
        }
        questions.sort(Comparator.comparingDouble(Question::difference));
        double sum = 0;
        double most = 0;
        double best = questions.isEmpty() ? 0 : questions.getFirst().difference() - 1;
        for (int i = 0; i < questions.size(); i++) {
            sum += questions.get(i).gain();
            double own = questions.get(i).difference();
            boolean last = i + 1 == questions.size();
            // equal differences are answered together
            if (sum > most && (last || questions.get(i + 1).difference() > own)) {
                most = sum;
                best = last ? own + 1 : (own + questions.get(i + 1).difference()) / 2;
            }
        }
        return best;
    }
}
