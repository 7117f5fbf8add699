package dev.mtl.core.head;

import java.util.List;

/** What a task should say of one example, as the data has it. */
public sealed interface Target {
    /** Nothing: what is learned is in the texts themselves. */
    record Unlabelled() implements Target {}

    /**
     * What the data says, and what a teacher says beside it; see {@link HeadProvider#teacher}.
     *
     * @param target what the data says
     * @param embeddings the teacher's sentence embedding of each text, not to be changed
     */
    record Taught(Target target, List<float[]> embeddings) implements Target {
        public Taught {
            embeddings = List.copyOf(embeddings);
        }

        /** What the data says: the rest follows from the texts. */
        @Override
        public String toString() {
            return target.toString();
        }
    }

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

    /**
     * Parts of the second of two texts that answer the first one; none if it has no answer there.
     */
    record Answers(List<Answer> answers) implements Target {
        public Answers {
            answers = List.copyOf(answers);
        }

        /**
         * An answer.
         *
         * @param text of the answer: {@code second.substring(start, start + text.length())}
         * @param start of the answer in the second text, in UTF-16 units
         */
        public record Answer(String text, int start) {
            /** UTF-16 offset after its last character. */
            public int end() {
                return start + text.length();
            }
        }
    }

    /**
     * A target of a provider's own type, which its {@link HeadProvider#readTarget} reads. Records
     * suit well: equal targets must be {@code equals} and have the same {@code toString}, by which
     * a resumed run knows its data.
     */
    non-sealed interface Own extends Target {
        /** The labels in it, which {@code mtl data check} counts; none unless overridden. */
        default List<String> labels() {
            return List.of();
        }

        /** As one line for a person. */
        String toText();

        /** As JSON would have it, beside predictions; {@link #toText()} unless overridden. */
        default Object toJson() {
            return toText();
        }
    }

    /** Pairs of spans of the text, each with a label. */
    record Relations(List<Relation> relations) implements Target {
        public Relations {
            relations = List.copyOf(relations);
        }

        /** Two spans, which are not the same in the other order. */
        public record Relation(Span first, Span second, String label) {}

        /**
         * A part of the text.
         *
         * @param start UTF-16 offset of its first character
         * @param end UTF-16 offset after its last one
         */
        public record Span(int start, int end) {}
    }

    /** Figures for the whole text, such as a rating. */
    record Values(List<Double> values) implements Target {
        public Values {
            values = List.copyOf(values);
        }
    }
}
