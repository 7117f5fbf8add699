package dev.mtl.core.head;

import java.util.List;

/** What a task should say of one example, as the data has it. */
public sealed interface Target {
    /** Nothing: what is learned is in the texts themselves. */
    record Unlabelled() implements Target {}

    /** One label for the whole text. */
    record Category(String label) implements Target {}

    /** One tag for each word of the text. */
    record Tags(List<String> tags) implements Target {
        public Tags {
            tags = List.copyOf(tags);
        }
    }

    /** Any number of labels for the whole text, none too. */
    record Labels(List<String> labels) implements Target {
        public Labels {
            labels = List.copyOf(labels);
        }
    }

    /** Figures for the whole text, such as a rating. */
    record Values(List<Double> values) implements Target {
        public Values {
            values = List.copyOf(values);
        }
    }
}
