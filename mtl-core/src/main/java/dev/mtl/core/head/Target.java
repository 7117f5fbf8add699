package dev.mtl.core.head;

import java.util.List;

/** What a task should say of one text, as the data has it. */
public sealed interface Target {
    /** One label for the whole text. */
    record Category(String label) implements Target {}

    /** One tag for each word of the text. */
    record Tags(List<String> tags) implements Target {
        public Tags {
            tags = List.copyOf(tags);
        }
    }
}
