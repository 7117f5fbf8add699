package dev.mtl.train.loop;

import dev.mtl.core.bert.Frozen;
import dev.mtl.train.config.FreezingConfig;

import java.util.function.Predicate;

/** What trains, by the configured policy. */
record Freezing(Predicate<String> trainable, Frozen frozen) {
    static Freezing of(FreezingConfig config, int layers) {
        return switch (config.policy()) {
            case NONE -> new Freezing(name -> true, Frozen.NOTHING);
            case BACKBONE ->
                    new Freezing(name -> name.startsWith("heads."), new Frozen(true, layers));
            case HEADS ->
                    new Freezing(
                            name ->
                                    config.heads().stream()
                                            .noneMatch(
                                                    head -> name.startsWith("heads." + head + ".")),
                            Frozen.NOTHING);
        };
    }
}
