package dev.mtl.core.encoder;

import dev.mtl.core.encoder.EncoderOptions.LongTexts;
import dev.mtl.core.pooling.Normalization;
import dev.mtl.core.pooling.modules.Finish;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.pooling.modules.SentenceConfig;

import org.jspecify.annotations.Nullable;

/**
 * How token embeddings become what an encoder returns: by the model's files, where the options do
 * not say otherwise.
 *
 * @param finish what is left to do after the readout; null for nothing
 * @param dimensions of the result
 */
record OutputPlan(Readout readout, @Nullable Finish finish, int dimensions) {

    /**
     * Combines a model's files with options.
     *
     * @param own the model's readout
     * @param hiddenSize H, the length of a token embedding
     * @throws dev.mtl.core.ConfigurationException if the options ask for more dimensions than there
     *     are
     */
    static OutputPlan of(
            Readout own, SentenceConfig config, EncoderOptions options, int hiddenSize) {
        var readout =
                options.truncateDim() == null
                        ? own.withPooling(options.pooling()).withTruncateDim(config.truncateDim())
                        : own.withPooling(options.pooling())
                                .withTruncateDim(options.truncateDim(), hiddenSize);
        int dimensions = readout.dimensions(hiddenSize);
        var asked = options.normalization();
        if (options.longTexts() == LongTexts.CUT) {
            if (asked == null) {
                return new OutputPlan(readout, null, dimensions);
            }
            if (readout.truncateDim() == null) {
                return new OutputPlan(readout.withNormalization(asked), null, dimensions);
            }
        }
        var finish =
                new Finish(
                        asked == null ? own.normalization() : Normalization.NONE,
                        dimensions,
                        asked == null ? Normalization.NONE : asked);
        var raw = readout.withNormalization(Normalization.NONE).withTruncateDim(null);
        return new OutputPlan(raw, finish, dimensions);
    }
}
