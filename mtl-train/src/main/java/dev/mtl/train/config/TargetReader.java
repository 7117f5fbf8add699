package dev.mtl.train.config;

import dev.mtl.core.MtlException;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.core.plugin.PluginFailures;
import dev.mtl.core.tokenizer.PreTokenizedText;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Reads the targets of a head whose provider reads them itself.
 *
 * @param settings of the head
 */
public record TargetReader<P extends Record>(HeadProvider<P> provider, P settings) {
    /** The reader of a head; null if the format of the data says what its targets are. */
    static @Nullable TargetReader<?> of(HeadProvider<?> provider, Record settings) {
        return provider.readsTargets() ? typed(provider, settings) : null;
    }

    @SuppressWarnings("unchecked") // the settings were bound to the class of the defaults
    private static <P extends Record> TargetReader<P> typed(
            HeadProvider<P> provider, Record settings) {
        return new TargetReader<>(provider, (P) settings);
    }

    /**
     * The target of a row; see {@link HeadProvider#readTarget}.
     *
     * @throws IllegalArgumentException if the field is none
     */
    public Target read(@Nullable Object field, List<PreTokenizedText> texts) {
        @Nullable Target target = provider.readTarget(settings, field, texts);
        if (target == null) {
            throw new MtlException(
                    PluginFailures.name(provider.getClass()) + ": readTarget returns null");
        }
        return target;
    }
}
