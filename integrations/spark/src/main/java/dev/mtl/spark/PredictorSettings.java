package dev.mtl.spark;

import dev.mtl.core.pipeline.Analysis;
import dev.mtl.core.pipeline.Pipeline;
import dev.mtl.core.pipeline.PipelineOptions;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.spark.PredictionColumn.TaskKind;

import java.util.Collections;
import java.util.List;

/**
 * Settings of predictions.
 *
 * @param texts of an example
 * @param tasks that predict; empty for all that take as many texts
 * @param topK labels that are listed; 0 for no list
 * @param codePoints whether offsets count code points, not UTF-16 units
 * @param embedding whether there is a column of embeddings
 */
record PredictorSettings(
        Common common,
        int texts,
        List<String> tasks,
        int topK,
        boolean codePoints,
        boolean embedding)
        implements ModelSettings {
    @Override
    public LoadedModel load(ModelDirectory directory, int workers) {
        var options =
                PipelineOptions.defaults()
                        .withDevice(common.device())
                        .withMaxLength(common.maxLength())
                        .withPrecision(common.precision())
                        .withTasks(tasks)
                        .withThreads(workers);
        var pipeline = Pipeline.load(directory.path(), options);
        try {
            return Predictor.of(pipeline, this);
        } catch (RuntimeException | Error e) {
            pipeline.close();
            throw e;
        }
    }

    private record Predictor(
            Pipeline pipeline,
            PredictorSettings settings,
            List<String> names,
            List<TaskKind> tasks,
            boolean hasEmbedding,
            PredictionColumn column)
            implements LoadedModel {
        /** Asks a question, whose answer shows the kinds of the tasks. */
        static Predictor of(Pipeline pipeline, PredictorSettings settings) {
            var names = pipeline.tasksOf(settings.texts);
            var example = Collections.nCopies(settings.texts, "warm up");
            var answer = pipeline.analyzeExamples(List.of(example), names).getFirst();
            var tasks =
                    answer.predictions().entrySet().stream()
                            .map(entry -> TaskKind.of(entry.getKey(), entry.getValue()))
                            .toList();
            return new Predictor(
                    pipeline,
                    settings,
                    names,
                    tasks,
                    answer.embeddings().size() == 1,
                    new PredictionColumn(tasks, settings.topK, settings.codePoints));
        }

        @Override
        public List<Object[]> compute(List<List<String>> examples) {
            return pipeline.analyzeExamples(examples, names).stream().map(this::columns).toList();
        }

        private Object[] columns(Analysis analysis) {
            var prediction = column.value(analysis);
            return settings.embedding
                    ? new Object[] {prediction, analysis.embedding()}
                    : new Object[] {prediction};
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
