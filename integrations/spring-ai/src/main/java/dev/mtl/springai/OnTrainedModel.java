package dev.mtl.springai;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** {@code mtl.model} is the directory of a trained model, not an encoder alone. */
final class OnTrainedModel implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        var model = context.getEnvironment().getProperty("mtl.model", "");
        try {
            return !model.isEmpty() && Files.exists(Path.of(model, "mtl.json"));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
