package dev.mtl.heads.distillation;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Optional;

/** The head type {@code distillation}. */
public final class DistillationProvider implements HeadProvider<DistillationProvider.Settings> {
    /** What is learned from the teacher. */
    public enum Loss {
        /** Its embeddings (Reimers, Gurevych 2020, arXiv 2004.09813). */
        EMBEDDING_MSE,
        /**
         * How much more similar the second text is to the first one than each further text is
         * (Hofstätter et al. 2020, arXiv 2010.02666).
         */
        MARGIN_MSE
    }

    /** How similar two embeddings are. */
    public enum Similarity {
        COSINE,
        DOT
    }

    /**
     * Settings.
     *
     * @param teacher the teacher's name or folder
     * @param similarity for {@link Loss#MARGIN_MSE}
     * @param teacherSize the dimensions of the teacher's embeddings; null until they are known
     */
    public record Settings(
            @Nullable String teacher,
            Loss loss,
            Similarity similarity,
            @Nullable Integer teacherSize) {
        public Settings {
            if (teacherSize != null && teacherSize < 1) {
                throw new IllegalArgumentException(
                        "teacher_size is " + teacherSize + "; leave it out, the teacher has it");
            }
        }
    }

    @Override
    public String type() {
        return "distillation";
    }

    @Override
    public Settings defaults() {
        return new Settings(null, Loss.EMBEDDING_MSE, Similarity.COSINE, null);
    }

    @Override
    public Optional<String> teacher(Settings settings) {
        if (settings.teacher() == null) {
            throw new IllegalArgumentException(
                    "teacher is missing: the name or the folder of a model, such as"
                            + " all-MiniLM-L6-v2");
        }
        return Optional.of(settings.teacher());
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        return List.of();
    }

    /** With the size of the teacher's embeddings. */
    @Override
    public Settings learnSettings(Settings settings, Iterable<Target> targets) {
        for (var target : targets) {
            if (target instanceof Target.Taught(var _, var embeddings)) {
                return new Settings(
                        settings.teacher(),
                        settings.loss(),
                        settings.similarity(),
                        embeddings.getFirst().length);
            }
        }
        return settings;
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new DistillationHead(settings, context.sentenceSize());
    }
}
