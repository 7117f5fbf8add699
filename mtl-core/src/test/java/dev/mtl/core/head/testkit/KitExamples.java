package dev.mtl.core.head.testkit;

import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Examples without a backbone: texts of different lengths, their tokens, and random vectors in the
 * place of embeddings. The same example has the same vectors in every batch.
 */
final class KitExamples {
    /** H. */
    static final int HIDDEN = 6;

    private final List<KitExample> examples = new ArrayList<>();
    private final int textsPerExample;

    /**
     * One text.
     *
     * @param sentence {@code [H]}
     * @param tokens {@code [S, H]}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record KitText(PreTokenizedText text, Encoding encoding, float[] sentence, float[] tokens) {}

    /**
     * An example and its target.
     *
     * @param pair two texts read together; null of another number of texts
     */
    record KitExample(List<KitText> texts, @Nullable KitPair pair, Target target) {}

    /**
     * Two texts read together.
     *
     * @param sentence {@code [H]}
     * @param tokens {@code [S, H]}
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record KitPair(TokenizedPair pair, float[] sentence, float[] tokens) {}

    KitExamples(TaskHead<?> head, List<Target> targets) {
        textsPerExample = head.textArity().least();
        for (var target : targets) {
            int index = examples.size();
            int words = target instanceof Target.Tags(var tags) ? tags.size() : 1 + index * 2 % 5;
            var texts =
                    IntStream.range(0, textsPerExample)
                            .mapToObj(text -> text(words + text, index * 100 + text))
                            .toList();
            examples.add(
                    new KitExample(
                            texts,
                            texts.size() == 2 ? pair(texts, index * 100 + 50) : null,
                            target));
        }
    }

    /** {@code [CLS] first [SEP] second [SEP]}. */
    private static KitPair pair(List<KitText> texts, int seed) {
        var random = new SplittableRandom(seed);
        var first = texts.getFirst().encoding().wordIds();
        var second = texts.getLast().encoding().wordIds();
        int length = first.length + second.length - 1;
        var wordIds = Arrays.copyOf(first, length);
        System.arraycopy(second, 1, wordIds, first.length, second.length - 1);
        var joined = encoding(wordIds, texts.getFirst().text());
        var ofSecond = texts.getLast().encoding();
        System.arraycopy(ofSecond.starts(), 1, joined.starts(), first.length, second.length - 1);
        System.arraycopy(ofSecond.ends(), 1, joined.ends(), first.length, second.length - 1);
        return new KitPair(
                new TokenizedPair(
                        texts.getFirst().text(),
                        texts.getLast().text(),
                        joined,
                        1,
                        first.length - 1,
                        first.length,
                        length - 1),
                gaussian(random, HIDDEN),
                gaussian(random, length * HIDDEN));
    }

    private static KitText text(int words, int seed) {
        var random = new SplittableRandom(seed + 1);
        var names = IntStream.range(0, words).mapToObj(word -> "word" + word).toList();
        var text = PreTokenizedText.ofWords(names);
        var encoding = encoding(wordIds(words), text);
        return new KitText(
                text,
                encoding,
                gaussian(random, HIDDEN),
                gaussian(random, encoding.length() * HIDDEN));
    }

    static float[] gaussian(SplittableRandom random, int count) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /**
     * [CLS], the words, [SEP]. Every second word has two pieces; the fourth has none, as a word of
     * characters that the tokenizer drops.
     */
    private static int[] wordIds(int words) {
        var ids = new ArrayList<Integer>();
        ids.add(-1);
        for (int word = 0; word < words; word++) {
            for (int piece = 0; piece < (word == 3 ? 0 : 1 + word % 2); piece++) {
                ids.add(word);
            }
        }
        ids.add(-1);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Each token has the offsets of its word. */
    private static Encoding encoding(int[] wordIds, PreTokenizedText text) {
        int length = wordIds.length;
        var starts = new int[length];
        var ends = new int[length];
        for (int token = 0; token < length; token++) {
            if (wordIds[token] >= 0 && wordIds[token] < text.words().size()) {
                starts[token] = text.words().get(wordIds[token]).start();
                ends[token] = text.words().get(wordIds[token]).end();
            }
        }
        return new Encoding(new long[length], new long[length], wordIds, starts, ends, false);
    }

    int size() {
        return examples.size();
    }

    int textsPerExample() {
        return textsPerExample;
    }

    List<Target> targets() {
        return examples.stream().map(KitExample::target).toList();
    }

    /** Some examples as one batch, in the given order. */
    KitBatch batch(int... indices) {
        return new KitBatch(
                IntStream.of(indices).mapToObj(examples::get).toList(), textsPerExample);
    }

    /** All examples as one batch. */
    KitBatch all() {
        return batch(IntStream.range(0, size()).toArray());
    }
}
