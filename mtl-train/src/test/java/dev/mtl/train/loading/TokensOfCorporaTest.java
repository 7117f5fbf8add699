package dev.mtl.train.loading;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import dev.mtl.core.testing.RealModels;
import dev.mtl.core.testing.SharedFiles;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.train.config.DataConfig.Split;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/**
 * BERT's tokens of whole corpora, against those that the same tokenizer gives when it is handed the
 * words one by one.
 */
class TokensOfCorporaTest {
    @ParameterizedTest
    @ValueSource(ints = {24, 128})
    void areThoseOfTheirWordsOneByOne(int maxLength) throws IOException {
        var data = SharedFiles.require("data");
        var file = RealModels.resolve("all-MiniLM-L6-v2").tokenizerJson();
        var tasks =
                DataTasks.of(
                        """
                        {format: jointbert, train: "%1$s/snips/train", validation: "%1$s/snips/dev"}\
                        """
                                .formatted(data),
                        """
                        {format: conll, train: "%1$s/wnut17/wnut17train.conll",
                         validation: "%1$s/wnut17/emerging.dev.conll", separator: tab}\
                        """
                                .formatted(data),
                        """
                        {format: csv, train: "%1$s/banking77/train.csv", column: category}\
                        """
                                .formatted(data));
        var settings =
                Map.of("truncation", "true", "maxLength", "" + maxLength, "padding", "false");
        int compared = 0;
        int truncated = 0;
        try (var tokenizer = TextTokenizer.load(file, maxLength);
                var byWords = HuggingFaceTokenizer.newInstance(file, settings)) {
            for (var split : new Split[] {Split.TRAIN, Split.VALIDATION}) {
                for (var dataset : DatasetReader.read(tasks, split)) {
                    for (var example : dataset.examples()) {
                        var text = example.texts().getFirst();
                        var encoding = tokenizer.tokenize(text).encoding();
                        var expected = byWords.encode(text.wordTexts(), true, false);
                        assertThat(encoding.ids()).as(example.place()).isEqualTo(expected.getIds());
                        assertThat(Arrays.stream(encoding.wordIds()).asLongStream().toArray())
                                .as(example.place())
                                .isEqualTo(expected.getWordIds());
                        assertThat(encoding.truncated()).isEqualTo(expected.exceedMaxLength());
                        assertThat(encoding.ids()).isEqualTo(tokenizer.encode(text.text()).ids());
                        compared++;
                        truncated += encoding.truncated() ? 1 : 0;
                    }
                }
            }
        }
        assertThat(compared).isEqualTo(13_084 + 700 + 3_394 + 1_009 + 10_003);
        assertThat(truncated > 1_000).isEqualTo(maxLength == 24);
    }
}
