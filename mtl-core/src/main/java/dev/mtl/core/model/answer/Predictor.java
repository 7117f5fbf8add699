package dev.mtl.core.model.answer;

import dev.mtl.core.InferenceListener;
import dev.mtl.core.head.Prediction;
import dev.mtl.core.inference.BatchQueue;
import dev.mtl.core.inference.Row;
import dev.mtl.core.model.EntitiesTasks;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Devices;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.torch.processor.Tuning;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SequencedMap;

/**
 * Answers examples by the tasks of a model, each text read once for all of them. Thread-safe; calls
 * that arrive at the same time share batches. The caller closes the model after the predictor.
 */
public final class Predictor implements AutoCloseable {
    private final MultiTaskModel model;
    private final BatchQueue<AnswerPass.Kind, Question> queue;
    private final int batchTokens;

    /**
     * How a predictor works.
     *
     * @param threads batches that run at once
     * @param batchTokens of a batch at most; on a CUDA device padding counts
     * @param maxQueuedTokens a call waits while more are queued
     * @param timeout of a call; null for none
     */
    public record Options(
            int threads, int batchTokens, long maxQueuedTokens, @Nullable Duration timeout) {
        /** For the device of a model: a thread for each core of a CPU, one for a GPU. */
        public static Options of(MultiTaskModel model) {
            var tuning = Tuning.current();
            return new Options(
                    Devices.workers(model.device(), null),
                    model.device().isCpu() ? tuning.batchTokens() : tuning.cudaBatchTokens(),
                    Long.MAX_VALUE,
                    null);
        }

        public Options withThreads(int value) {
            return new Options(value, batchTokens, maxQueuedTokens, timeout);
        }
    }

    /**
     * The answers of a call.
     *
     * @param all in the order of the examples
     */
    public record Answers(List<Answer> all, BatchQueue.Times times) {}

    public Predictor(MultiTaskModel model) {
        this(model, Options.of(model));
    }

    public Predictor(MultiTaskModel model, Options options) {
        this(model, options, new InferenceListener() {});
    }

    /**
     * @param listener hears of batches
     */
    public Predictor(MultiTaskModel model, Options options, InferenceListener listener) {
        this.model = model;
        this.batchTokens = options.batchTokens();
        queue =
                new BatchQueue<>(
                        new BatchQueue.Settings(
                                "pipeline",
                                options.threads(),
                                options.batchTokens(),
                                Devices.batchPadding(model.device()),
                                Tuning.current().smallCallBatches(),
                                options.maxQueuedTokens(),
                                options.timeout()),
                        new AnswerPass(model),
                        listener);
    }

    /**
     * Predicts by all tasks that take one text.
     *
     * @param texts as users wrote them
     * @return for each text, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(List<String> texts) {
        return predict(
                texts.stream().map(PreTokenizedText::of).map(List::of).toList(), model.tasksOf(1));
    }

    /**
     * Predicts by some tasks, see {@link #answer}.
     *
     * @param examples of as many texts each as the tasks take
     * @return for each example, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predict(
            List<List<PreTokenizedText>> examples, Collection<String> tasks) {
        return predictTokenized(model.tokenizer().tokenizeExamples(examples), tasks);
    }

    /**
     * Predicts by some tasks, see {@link #answer}.
     *
     * @param examples of as many texts each as the tasks take
     * @return for each example, in order, each task's prediction
     */
    public List<SequencedMap<String, Prediction>> predictTokenized(
            List<List<TokenizedText>> examples, Collection<String> tasks) {
        return answer(examples, tasks, Wanted.PREDICTIONS).all().stream()
                .map(Answer::predictions)
                .toList();
    }

    /**
     * Answers by some tasks. Heads of tokens read all of a text that is longer than the model's
     * input, in windows, and so do heads that say it of a second text; heads of sentences, and
     * embeddings, read its beginning, as in training.
     *
     * @param examples of as many texts each as the tasks take
     * @param wanted besides predictions
     * @return an answer for each example, in order
     * @throws dev.mtl.core.InferenceTimeoutException if the time is up
     */
    public Answers answer(
            List<List<TokenizedText>> examples, Collection<String> tasks, Wanted wanted) {
        var call = Call.of(model, examples, tasks, wanted);
        var times = queue.process(call.rows());
        return new Answers(call.answers(), times);
    }

    /** The examples of a call, and what is computed of each. */
    record Call(
            MultiTaskModel model,
            List<String> tasks,
            List<Question> questions,
            List<Row<AnswerPass.Kind, Question>> rows) {
        static Call of(
                MultiTaskModel model,
                List<List<TokenizedText>> examples,
                Collection<String> tasks,
                Wanted wanted) {
            var named = List.copyOf(tasks);
            var run = EntitiesTasks.with(named, model);
            var masking = run.stream().filter(task -> model.task(task).head().masks()).toList();
            var all = run.stream().filter(task -> !masking.contains(task)).toList();
            var ofTokens = all.stream().filter(task -> model.task(task).readsTokensOnly()).toList();
            var ofPairs = all.stream().filter(task -> model.task(task).readsPairWindows()).toList();
            boolean pairs = model.readsPairs(all);
            var questions = new ArrayList<Question>(examples.size());
            var rows = new ArrayList<Row<AnswerPass.Kind, Question>>(examples.size());
            for (var texts : examples) {
                var question =
                        new Question(texts, pairs ? List.of(TokenizedPair.of(texts)) : List.of());
                questions.add(question);
                if (!ofTokens.isEmpty() && question.isTruncated()) {
                    rows.add(
                            new Row<>(
                                    new AnswerPass.Kind(ofTokens, 1, Wanted.PREDICTIONS, true),
                                    texts.getFirst().length(),
                                    question));
                }
                if (!ofPairs.isEmpty() && question.isPairTruncated()) {
                    rows.add(
                            new Row<>(
                                    new AnswerPass.Kind(ofPairs, 2, Wanted.PREDICTIONS, true),
                                    TokenizedPair.length(texts.getFirst(), texts.getLast()),
                                    question));
                    if (ofPairs.size() == all.size() && wanted == Wanted.PREDICTIONS) {
                        continue;
                    }
                }
                for (var task : masking) {
                    rows.add(
                            new Row<>(
                                    new AnswerPass.Kind(
                                            List.of(task), 1, Wanted.PREDICTIONS, false),
                                    question.longest(),
                                    question));
                }
                if (all.isEmpty() && !masking.isEmpty() && wanted == Wanted.PREDICTIONS) {
                    continue;
                }
                rows.add(
                        new Row<>(
                                new AnswerPass.Kind(all, texts.size(), wanted, false),
                                paddedTokens(model, question, all),
                                question));
            }
            return new Call(model, named, questions, rows);
        }

        /** Once all rows are computed. */
        List<Answer> answers() {
            return questions.stream().map(question -> question.answer(model, tasks)).toList();
        }
    }

    /** How many tokens the backbone reads of an example, its texts padded to the longest. */
    private static int paddedTokens(
            MultiTaskModel model, Question question, Collection<String> tasks) {
        int together = question.pairs.stream().mapToInt(pair -> pair.encoding().length()).sum();
        return together == 0 || model.readsTexts(tasks)
                ? question.texts.size() * question.longest() + together
                : together;
    }

    /** The most tokens in a batch, padding included. */
    public int batchTokens() {
        return batchTokens;
    }

    /** Tokens that wait for a thread. */
    public long queuedTokens() {
        return queue.queuedTokens();
    }

    /** Waits for running calls. */
    @Override
    public void close() {
        queue.close();
    }
}
