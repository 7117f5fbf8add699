package dev.mtl.cli.option;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.Pooling;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/** How texts become embeddings, where it is not to be as the model's files say. */
public final class EmbeddingOptions {
    @Option(
            names = "--prompt-name",
            paramLabel = "NAME",
            description =
                    "Put this prompt of the model's config_sentence_transformers.json before each"
                            + " text, such as query or document. Default: the model's default"
                            + " prompt, if it has one.")
    private @Nullable String promptName;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "Put this before each text instead; \"\" for nothing.")
    private @Nullable String prompt;

    @Option(
            names = "--pooling",
            paramLabel = "mean|cls|max|weightedmean|lasttoken|mean_sqrt_len_tokens",
            description =
                    "How the token embeddings become one vector. Default: as the model's"
                            + " modules.json says, else mean.")
    private @Nullable Pooling pooling;

    @Option(
            names = "--normalize",
            paramLabel = "none|l2|layer_norm",
            description =
                    "Normalization of the result. Default: as the model's modules.json says, else"
                            + " none.")
    private @Nullable Normalization normalization;

    @Option(
            names = "--truncate-dim",
            paramLabel = "N",
            description =
                    "Keep the first N dimensions, for models that were trained for it (Matryoshka)."
                            + " --normalize l2 gives the shorter vectors length 1. Default: as the"
                            + " model says, else all.")
    private @Nullable Integer truncateDim;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description =
                    "Read at most N tokens at once, [CLS] and [SEP] included. Default: as many as"
                            + " the model can read.")
    private @Nullable Integer maxLength;

    @Option(
            names = "--long-texts",
            defaultValue = "cut",
            paramLabel = "cut|window",
            description =
                    "What happens to longer texts: cut off their end, or read them in windows and"
                            + " take the mean of the windows' embeddings, weighted by their tokens."
                            + " Default: ${DEFAULT-VALUE}.")
    private LongTexts longTexts = LongTexts.CUT;

    /**
     * The options of an encoder.
     *
     * @throws ConfigurationException if they contradict each other
     */
    public EncoderOptions options() {
        if (maxLength != null && maxLength < 3) {
            throw new ConfigurationException(
                    "--max-length " + maxLength + ": at least 3: [CLS], one token, [SEP]");
        }
        if (truncateDim != null && truncateDim < 1) {
            throw new ConfigurationException("--truncate-dim " + truncateDim + ": at least 1");
        }
        if (prompt != null && promptName != null) {
            throw new ConfigurationException("--prompt and --prompt-name: give one of them");
        }
        var options =
                EncoderOptions.defaults()
                        .withPooling(pooling)
                        .withNormalization(normalization)
                        .withMaxLength(maxLength)
                        .withLongTexts(longTexts)
                        .withTruncateDim(truncateDim);
        return prompt == null ? options.withPromptName(promptName) : options.withPrompt(prompt);
    }
}
