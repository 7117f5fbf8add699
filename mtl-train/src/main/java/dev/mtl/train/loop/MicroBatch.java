package dev.mtl.train.loop;

import dev.mtl.core.head.SplitText;
import dev.mtl.core.head.Target;
import dev.mtl.core.tokenizer.Encoding;

import java.util.List;
import java.util.SequencedMap;

/**
 * What goes through the network at once.
 *
 * @param texts B texts
 * @param encodings their tokens
 * @param targets by task, one for each text
 */
record MicroBatch(
        List<SplitText> texts,
        List<Encoding> encodings,
        SequencedMap<String, List<Target>> targets) {}
