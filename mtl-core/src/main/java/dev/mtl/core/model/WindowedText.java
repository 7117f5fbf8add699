package dev.mtl.core.model;

import dev.mtl.core.bert.Frozen;
import dev.mtl.core.encoder.EncoderOptions;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TextWindows.Window;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import java.util.ArrayList;
import java.util.List;

/**
 * A text that is longer than the model takes, as one row of token embeddings: each word's from the
 * window that keeps it. Heads of tokens then see the whole text at once.
 *
 * @param embeddings {@code [1, S, H]}, S the tokens of the whole text with one [CLS] and one [SEP]
 * @param batch of the text, with an encoding that nothing is cut off
 */
record WindowedText(Tensor embeddings, HeadBatch batch) {
    /** Runs the backbone on the windows; the tensors belong to the innermost scope. */
    static WindowedText encode(MultiTaskModel model, PreTokenizedText text) {
        var windows = model.windows(text);
        var parts =
                windows.stream()
                        .map(
                                window ->
                                        PreTokenizedText.ofWords(
                                                text.wordTexts()
                                                        .subList(window.from(), window.to())))
                        .toList();
        var encodings = parts.stream().map(model::tokenize).toList();
        var kept = new ArrayList<Kept>();
        for (int i = 0; i < windows.size(); i++) {
            kept.add(Kept.of(windows.get(i), encodings.get(i), i == 0, i == windows.size() - 1));
        }
        int rows = Math.max(1, EncoderOptions.DEFAULT_BATCH_TOKENS / model.maxLength());
        var pieces = new ArrayList<Tensor>();
        for (int from = 0; from < windows.size(); from += rows) {
            int to = Math.min(windows.size(), from + rows);
            var own = kept.subList(from, to);
            try (var inner = TensorScope.open()) {
                var batch = model.batch(parts.subList(from, to), encodings.subList(from, to));
                var tokens =
                        model.encode(model.parameters(), batch, Mode.EVALUATION, Frozen.NOTHING);
                var cut = new ArrayList<Tensor>();
                for (int row = 0; row < own.size(); row++) {
                    cut.add(
                            tokens.slice(0, row, row + 1)
                                    .slice(1, own.get(row).from(), own.get(row).to()));
                }
                pieces.add(inner.moveOut(Tensors.cat(cut, 1)));
            }
        }
        return new WindowedText(
                Tensors.cat(pieces, 1),
                model.batch(List.of(text), List.of(whole(windows, encodings, kept))));
    }

    /** The tokens that are kept of a window. */
    private record Kept(int from, int to) {
        static Kept of(Window window, Encoding encoding, boolean first, boolean last) {
            int from = first ? 0 : encoding.length();
            int to = last ? encoding.length() : 0;
            for (int i = 0; i < encoding.length(); i++) {
                int word = encoding.wordIds()[i] + window.from();
                if (encoding.wordIds()[i] >= 0
                        && word >= window.keepFrom()
                        && word < window.keepTo()) {
                    from = Math.min(from, i);
                    to = Math.max(to, i + 1);
                }
            }
            // Words without any token may be all there is to keep.
            return new Kept(Math.min(from, to), to);
        }
    }

    private static Encoding whole(List<Window> windows, List<Encoding> encodings, List<Kept> kept) {
        int length = kept.stream().mapToInt(own -> own.to() - own.from()).sum();
        var whole =
                new Encoding(
                        new long[length],
                        new long[length],
                        new int[length],
                        new int[length],
                        new int[length],
                        false);
        int next = 0;
        for (int i = 0; i < windows.size(); i++) {
            var part = encodings.get(i);
            for (int token = kept.get(i).from(); token < kept.get(i).to(); token++, next++) {
                int word = part.wordIds()[token];
                whole.ids()[next] = part.ids()[token];
                whole.typeIds()[next] = part.typeIds()[token];
                whole.wordIds()[next] = word < 0 ? word : word + windows.get(i).from();
                whole.starts()[next] = part.starts()[token];
                whole.ends()[next] = part.ends()[token];
            }
        }
        return whole;
    }
}
