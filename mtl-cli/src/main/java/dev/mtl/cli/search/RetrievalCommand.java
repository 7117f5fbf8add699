package dev.mtl.cli.search;

import dev.mtl.cli.console.Console;
import dev.mtl.cli.console.Progress;
import dev.mtl.cli.option.CommonOptions;
import dev.mtl.cli.option.EmbeddingOptions;
import dev.mtl.cli.option.EncoderOption;
import dev.mtl.cli.option.InferenceOptions;
import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.SentenceEncoder;
import dev.mtl.train.retrieval.NearestTexts;
import dev.mtl.train.retrieval.RetrievalData;
import dev.mtl.train.retrieval.RetrievalScores;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

@Command(
        name = "retrieval",
        description = {
            "Searches a corpus by sentence embeddings, and scores what is found: the mean"
                    + " reciprocal",
            "rank, the normalized discounted cumulative gain and the recall among the first K"
                    + " texts."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The files are BEIR's: JSON lines with _id and text, perhaps title, and a table of"
                    + " query, text and relevance.",
            "",
            "Example:",
            "  mtl retrieval --model runs/pairs --queries queries.jsonl --corpus corpus.jsonl"
                    + " --relevant qrels/test.tsv --k 1,10"
        })
public final class RetrievalCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private CommonOptions common = new CommonOptions();

    @Mixin private EncoderOption model = new EncoderOption();

    @Option(
            names = "--queries",
            required = true,
            paramLabel = "FILE",
            description = "Texts that are searched for: JSON lines with _id and text.")
    private Path queries = Path.of("");

    @Option(
            names = "--corpus",
            required = true,
            paramLabel = "FILE",
            description = "Texts that are searched: JSON lines with _id, text and perhaps title.")
    private Path corpus = Path.of("");

    @Option(
            names = "--relevant",
            required = true,
            paramLabel = "FILE",
            description =
                    "Which texts are relevant to a query: query, text and relevance on each line,"
                            + " with tabs between. Texts of relevance 0 are not relevant.")
    private Path relevant = Path.of("");

    @Option(
            names = "--k",
            split = ",",
            defaultValue = "10",
            paramLabel = "K",
            description = "Score the first so many texts. Default: ${DEFAULT-VALUE}.")
    private List<Integer> ks = List.of();

    @Mixin private EmbeddingOptions embedding = new EmbeddingOptions();
    @Mixin private InferenceOptions inference = new InferenceOptions();

    /** The command of a console. */
    public RetrievalCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        int most = ks.stream().mapToInt(k -> k).max().orElse(0);
        if (ks.stream().anyMatch(k -> k < 1)) {
            throw new ConfigurationException("--k takes numbers of texts from 1, such as 1,10");
        }
        var data = RetrievalData.read(queries, corpus, relevant);
        var progress = new Progress(console);
        var files = console.store().resolve(model.name(), progress);
        progress.finished();
        var options =
                embedding
                        .options()
                        .withDevice(inference.device())
                        .withPrecision(inference.precision());
        float[][] ofQueries;
        float[][] ofCorpus;
        try (var encoder = SentenceEncoder.load(files, options)) {
            boolean one = options.prompt() != null || options.promptName() != null;
            var shown = new ShownEmbedding(progress);
            ofQueries =
                    shown.of(
                            "queries",
                            data.queries(),
                            texts -> one ? encoder.encode(texts) : encoder.encodeQuery(texts));
            ofCorpus =
                    shown.of(
                            "corpus",
                            data.corpus(),
                            texts -> one ? encoder.encode(texts) : encoder.encodeDocument(texts));
        }
        int all = ofQueries.length;
        var found =
                NearestTexts.of(
                        ofQueries,
                        ofCorpus,
                        most,
                        done ->
                                progress.show(
                                        "search: %d of %d queries".formatted(done, all),
                                        (double) done / all));
        progress.finished();
        print(RetrievalScores.of(found, data.relevant(), ks), data);
        return 0;
    }

    private void print(Map<String, Double> scores, RetrievalData data) {
        if (common.json()) {
            var json = new LinkedHashMap<String, Object>(scores);
            json.put("queries", data.queries().size());
            json.put("corpus", data.corpus().size());
            console.json(json);
            return;
        }
        console.result(
                "%d queries with relevant texts, %d texts"
                        .formatted(data.queries().size(), data.corpus().size()));
        scores.forEach(
                (name, value) ->
                        console.result(String.format(Locale.ROOT, "%-15s %.4f", name, value)));
    }
}
