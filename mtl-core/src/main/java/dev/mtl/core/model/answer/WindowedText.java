package dev.mtl.core.model.answer;

import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.transformer.Frozen;
import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.processor.Tuning;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;

/**
 * A text that is longer than the model's input, as one row of token embeddings: each token's from
 * the window that keeps it. Heads of tokens then see the whole text at once.
 */
final class WindowedText {
    private WindowedText() {}

    /** A batch of the text, with an encoding from which nothing is cut off. */
    static HeadBatch batch(
            MultiTaskModel model, TokenizedText text, List<TokenizedText.Window> windows) {
        return model.batch(List.of(text.text()), List.of(text.kept(windows)), 1, List.of());
    }

    /**
     * Runs an encoder of a model on the windows; the tensors belong to the innermost scope.
     *
     * @param tasks whose heads read them
     * @return {@code [1, S, H]} of each layer that is read, S the tokens of the whole text with one
     *     [CLS] and one [SEP]
     */
    static LayerOutputs encode(
            MultiTaskModel model,
            TransformerEncoder encoder,
            List<TokenizedText.Window> windows,
            Collection<String> tasks) {
        var layers = model.mixedLayers(tasks);
        int rows = Math.max(1, Tuning.current().batchTokens() / model.maxLength());
        var last = new ArrayList<Tensor>();
        var pieces = new TreeMap<Integer, List<Tensor>>();
        for (int from = 0; from < windows.size(); from += rows) {
            var chunk = windows.subList(from, Math.min(windows.size(), from + rows));
            try (var inner = TensorScope.open()) {
                var batch = model.batch(chunk.stream().map(TokenizedText.Window::text).toList());
                var outputs =
                        encoder.forward(batch.tokens(), Mode.EVALUATION, Frozen.NOTHING, layers);
                last.add(inner.moveOut(kept(outputs.last(), chunk)));
                outputs.layers()
                        .forEach(
                                (layer, tokens) ->
                                        pieces.computeIfAbsent(layer, l -> new ArrayList<>())
                                                .add(inner.moveOut(kept(tokens, chunk))));
            }
        }
        var joined = new HashMap<Integer, Tensor>();
        pieces.forEach((layer, parts) -> joined.put(layer, Tensors.cat(parts, 1)));
        return new LayerOutputs(Tensors.cat(last, 1), joined);
    }

    private static Tensor kept(Tensor tokens, List<TokenizedText.Window> windows) {
        var kept = new ArrayList<Tensor>();
        for (int row = 0; row < windows.size(); row++) {
            kept.add(
                    tokens.slice(0, row, row + 1)
                            .slice(1, windows.get(row).keepFrom(), windows.get(row).keepTo()));
        }
        return Tensors.cat(kept, 1);
    }
}
