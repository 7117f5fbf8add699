package dev.mtl.heads.contrastive;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;

/** The head type {@code contrastive}. */
public final class ContrastiveProvider implements HeadProvider<ContrastiveProvider.Settings> {
    /**
     * Settings.
     *
     * @param scale the factor of the cosines before the softmax
     */
    public record Settings(double scale) {
        public Settings {
            if (!(scale > 0) || Double.isInfinite(scale)) {
                throw new IllegalArgumentException(
                        "scale is " + scale + ", it must be above 0 and finite");
            }
        }
    }

    @Override
    public String type() {
        return "contrastive";
    }

    @Override
    public Settings defaults() {
        return new Settings(20);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        targets.forEach(ContrastiveHead::requireGroup);
        return List.of();
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new ContrastiveHead(settings.scale(), context.task());
    }
}
