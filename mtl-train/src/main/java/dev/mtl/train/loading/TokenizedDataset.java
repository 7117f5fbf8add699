package dev.mtl.train.loading;

import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A dataset whose texts are tokenized and whose targets are encoded, both once: training, every
 * evaluation and {@code data check} read this.
 *
 * @param source where the texts come from, for messages
 * @param tasks in the order of the configuration
 * @param examples with the same number of texts each
 */
public record TokenizedDataset(String source, List<String> tasks, List<TokenizedExample> examples)
        implements TrainingData {
    public TokenizedDataset {
        tasks = List.copyOf(tasks);
        examples = List.copyOf(examples);
    }

    /** Tokenizes a dataset; its targets are not encoded. */
    static TokenizedDataset of(Dataset dataset, TextTokenizer tokenizer) {
        var texts =
                tokenizer.tokenizeExamples(
                        dataset.examples().stream().map(Example::texts).toList());
        var examples = new ArrayList<TokenizedExample>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            examples.add(new TokenizedExample(dataset.examples().get(i), texts.get(i), Map.of()));
        }
        return new TokenizedDataset(dataset.source(), dataset.tasks(), examples);
    }

    /** The same source and tasks with other examples. */
    public TokenizedDataset withExamples(List<TokenizedExample> others) {
        return new TokenizedDataset(source, tasks, others);
    }

    /** The datasets without tokens. */
    public static List<Dataset> datasets(List<TokenizedDataset> tokenized) {
        return tokenized.stream().map(TokenizedDataset::dataset).toList();
    }

    private Dataset dataset() {
        return new Dataset(
                source, tasks, examples.stream().map(TokenizedExample::example).toList());
    }

    @Override
    public int size() {
        return examples.size();
    }

    @Override
    public List<TokenizedExample> sample(int most) {
        int step = Math.ceilDiv(examples.size(), most);
        return IntStream.range(0, examples.size())
                .filter(i -> i % step == 0)
                .mapToObj(examples::get)
                .toList();
    }

    /** The number of texts of each example. */
    public int textsPerExample() {
        return examples.getFirst().texts().size();
    }

    /** All texts, those of an example next to each other. */
    public List<TokenizedText> texts() {
        return examples.stream().flatMap(example -> example.texts().stream()).toList();
    }
}
