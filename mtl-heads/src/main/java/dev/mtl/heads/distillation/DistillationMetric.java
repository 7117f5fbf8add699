package dev.mtl.heads.distillation;

import dev.mtl.core.head.Metric;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.head.Target;
import dev.mtl.heads.Correlation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How near a student is to its teacher: the mean cosine of their embeddings, or Pearson's
 * correlation of their margins, and the mean squared error. For joint accuracy every example counts
 * as right.
 */
final class DistillationMetric implements Metric {
    static final String COSINE = "cosine";
    static final String CORRELATION = "pearson";
    private static final String ERROR = "mse";

    private final DistillationHead head;
    private final boolean ofMargins;
    private final List<Double> own = new ArrayList<>();
    private final List<Double> teachers = new ArrayList<>();
    private double cosines;
    private double squares;
    private long texts;
    private long figures;

    DistillationMetric(DistillationHead head, boolean ofMargins) {
        this.head = head;
        this.ofMargins = ofMargins;
    }

    @Override
    public boolean add(Prediction prediction, Target target) {
        var wanted = head.required(target);
        var rows = ((Distilled) prediction).rows();
        for (int i = 0; i < rows.size(); i++) {
            var row = ofMargins ? DistillationHead.margins(rows.get(i)) : rows.get(i);
            var ofTeacher = wanted.get(i);
            for (int j = 0; j < row.length; j++) {
                squares += Math.pow((double) row[j] - ofTeacher[j], 2);
                if (ofMargins) {
                    own.add((double) row[j]);
                    teachers.add((double) ofTeacher[j]);
                }
            }
            figures += row.length;
            cosines += ofMargins ? 0 : DistillationHead.cosine(row, ofTeacher);
            texts++;
        }
        return true;
    }

    @Override
    public Map<String, Double> scores() {
        var scores = new LinkedHashMap<String, Double>();
        if (ofMargins) {
            scores.put(CORRELATION, Correlation.pearson(values(own), values(teachers)));
        } else {
            scores.put(COSINE, cosines / Math.max(1, texts));
        }
        scores.put(ERROR, squares / Math.max(1, figures));
        return scores;
    }

    private static double[] values(List<Double> list) {
        return list.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public Set<String> lowerIsBetter() {
        return Set.of(ERROR);
    }
}
