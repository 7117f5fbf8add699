package dev.mtl.core.model;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.processor.Tuning;

import java.util.ArrayList;
import java.util.List;

/**
 * A text that is longer than the model's input, as one row of token embeddings: each token's from
 * the window that keeps it. Heads of tokens then see the whole text at once.
 *
 * @param embeddings {@code [1, S, H]}, S the tokens of the whole text with one [CLS] and one [SEP]
 * @param batch of the text, with an encoding from which nothing is cut off
 */
record WindowedText(Tensor embeddings, HeadBatch batch) {
    /** Runs an encoder of a model on the windows; the tensors belong to the innermost scope. */
    static WindowedText encode(
            MultiTaskModel model, TransformerEncoder encoder, TokenizedText text) {
        var windows = text.windows();
        int rows = Math.max(1, Tuning.current().batchTokens() / model.maxLength());
        var pieces = new ArrayList<Tensor>();
        for (int from = 0; from < windows.size(); from += rows) {
            var chunk = windows.subList(from, Math.min(windows.size(), from + rows));
            try (var inner = TensorScope.open()) {
                var batch = model.batch(chunk.stream().map(TokenizedText.Window::text).toList());
                var tokens = encoder.forward(batch.tokens());
                var kept = new ArrayList<Tensor>();
                for (int row = 0; row < chunk.size(); row++) {
                    kept.add(
                            tokens.slice(0, row, row + 1)
                                    .slice(1, chunk.get(row).keepFrom(), chunk.get(row).keepTo()));
                }
                pieces.add(inner.moveOut(Tensors.cat(kept, 1)));
            }
        }
        return new WindowedText(
                Tensors.cat(pieces, 1),
                model.batch(List.of(text.text()), List.of(text.kept(windows)), 1, List.of()));
    }
}
