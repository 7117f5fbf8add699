package dev.mtl.train.run;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.head.HeadInput;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.answer.Predictor;
import dev.mtl.core.model.answer.Wanted;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.train.collective.Collective;
import dev.mtl.train.config.RetrievalConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.retrieval.NearestTexts;
import dev.mtl.train.retrieval.RetrievalData;
import dev.mtl.train.retrieval.RetrievalScores;
import dev.mtl.train.workers.SharedEmbeddings;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;

/** Searches the corpora that tasks name, by the sentence embeddings of a model as it is. */
public final class RetrievalEvaluator {
    private final MultiTaskModel model;
    private final Collective processes;
    private final int threads;
    private final int threadsAlone;
    private final SequencedMap<String, Search> searches = new LinkedHashMap<>();

    /** The corpus of a task, tokenized. */
    private record Search(
            List<List<TokenizedText>> queries,
            List<List<TokenizedText>> corpus,
            List<Set<Integer>> relevant,
            List<Integer> ks) {}

    /**
     * Reads the corpora.
     *
     * @param processes that train together
     * @param evaluator says how many threads they use
     * @throws ConfigurationException if a task has nothing to do with sentence embeddings
     */
    RetrievalEvaluator(
            MultiTaskModel model,
            Collection<TaskConfig> tasks,
            Collective processes,
            DividedEvaluator evaluator) {
        this.model = model;
        this.processes = processes;
        threads = evaluator.threads();
        threadsAlone = evaluator.threadsAlone();
        for (var task : tasks) {
            var config = task.data().retrieval();
            if (config.isOn()) {
                requireEmbeddings(task.name());
                searches.put(task.name(), search(config));
            }
        }
    }

    private void requireEmbeddings(String task) {
        var inputs = model.task(task).head().inputs();
        if (!inputs.contains(HeadInput.SENTENCE) && !inputs.contains(HeadInput.SENTENCES)) {
            throw new ConfigurationException(
                    "tasks.%s.data.retrieval: searches by sentence embeddings, which the head '%s' does not read; name the corpus at a task whose head does, such as contrastive"
                            .formatted(task, model.task(task).type()));
        }
        if (!model.encoders().ofTasks().isEmpty()) {
            throw new ConfigurationException(
                    "tasks.%s.data.retrieval: searches by embeddings that all tasks share, and adapter.per_task gives each task its own; leave one of them out"
                            .formatted(task));
        }
    }

    private Search search(RetrievalConfig config) {
        var data =
                RetrievalData.read(
                        Path.of(Objects.requireNonNull(config.queries())),
                        Path.of(Objects.requireNonNull(config.corpus())),
                        Path.of(Objects.requireNonNull(config.relevant())));
        return new Search(
                tokenized(data.queries()), tokenized(data.corpus()), data.relevant(), config.ks());
    }

    private List<List<TokenizedText>> tokenized(List<String> texts) {
        return texts.stream()
                .map(text -> List.of(model.tokenizer().tokenize(PreTokenizedText.of(text))))
                .toList();
    }

    /** The names of the scores of a task; empty if it searches nothing. */
    List<String> scoresOf(String task) {
        var search = searches.get(task);
        return search == null ? List.of() : RetrievalScores.names(search.ks());
    }

    /**
     * Searches, in all processes at once: each embeds a part of the texts.
     *
     * @return in process 0 the scores by task, in the others none
     */
    SequencedMap<String, Map<String, Double>> evaluate() {
        return evaluate(processes, threads);
    }

    /** The scores by task, by this process alone. */
    SequencedMap<String, Map<String, Double>> evaluateAlone() {
        return evaluate(Collective.alone(), threadsAlone);
    }

    private SequencedMap<String, Map<String, Double>> evaluate(Collective together, int count) {
        var scores = new LinkedHashMap<String, Map<String, Double>>();
        if (searches.isEmpty()) {
            return scores;
        }
        var options = Predictor.Options.of(model).withThreads(count);
        try (var predictor = new Predictor(model, options)) {
            searches.forEach(
                    (task, search) -> {
                        var queries = embed(together, predictor, search.queries());
                        var corpus = embed(together, predictor, search.corpus());
                        if (together.rank() == 0) {
                            scores.put(task, scores(search, queries, corpus));
                        }
                    });
        }
        return scores;
    }

    private static Map<String, Double> scores(Search search, float[][] queries, float[][] corpus) {
        int most = search.ks().stream().mapToInt(k -> k).max().orElseThrow();
        var found = NearestTexts.of(queries, corpus, most, done -> {});
        return RetrievalScores.of(found, search.relevant(), search.ks());
    }

    private static float[][] embed(
            Collective together, Predictor predictor, List<List<TokenizedText>> texts) {
        return new SharedEmbeddings(together, texts.size())
                .ofAll((from, to) -> embed(predictor, texts.subList(from, to)));
    }

    private static float[][] embed(Predictor predictor, List<List<TokenizedText>> texts) {
        return predictor.answer(texts, List.of(), Wanted.EMBEDDINGS).all().stream()
                .map(answer -> Objects.requireNonNull(answer.embeddings())[0])
                .toArray(float[][]::new);
    }
}
