package dev.mtl.train.testing;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;

import java.util.List;

/**
 * A head type with settings of its own, found through ServiceLoader; it makes {@link LinearHead}s.
 */
public final class MajorityProvider implements HeadProvider<MajorityProvider.Settings> {
    /** Settings with a bound to break. */
    public record Settings(double margin, boolean ties) {
        public Settings {
            if (margin > 1) {
                throw new IllegalArgumentException(
                        "margin is " + margin + ", it must be at most 1");
            }
        }
    }

    private final String type;

    public MajorityProvider() {
        this("majority");
    }

    /** A head type of another name, which no service file has. */
    public MajorityProvider(String type) {
        this.type = type;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Settings defaults() {
        return new Settings(0, true);
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        var labels = new java.util.TreeSet<String>();
        targets.forEach(target -> labels.add(((Target.Category) target).label()));
        return List.copyOf(labels);
    }

    @Override
    public TaskHead<?> create(Settings settings, HeadContext context) {
        return new LinearHead(context, 0, false);
    }
}
