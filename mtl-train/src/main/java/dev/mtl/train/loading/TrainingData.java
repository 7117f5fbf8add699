package dev.mtl.train.loading;

import java.util.List;

/** Encoded data to learn from: in memory, or read again in each epoch. */
public interface TrainingData {
    /** Where the texts come from, for messages. */
    String source();

    /** The tasks that share the texts, in the order of the configuration. */
    List<String> tasks();

    /** The number of examples. */
    int size();

    /** At most so many examples, evenly spaced. */
    List<TokenizedExample> sample(int most);
}
