package dev.mtl.heads;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.LinearForm;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.TaskHead;
import dev.mtl.core.head.mix.ForwardingHead;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.heads.token.TokenClassificationProvider;
import dev.mtl.torch.Tensor;

import java.util.List;
import java.util.Optional;

/** A head with the parameters of a linear layer, that bounds what the layer gives. */
final class SquashedProvider implements HeadProvider<TokenClassificationProvider.Settings> {
    private final TokenClassificationProvider tagging = new TokenClassificationProvider();

    @Override
    public String type() {
        return "squashed";
    }

    @Override
    public TokenClassificationProvider.Settings defaults() {
        return tagging.defaults();
    }

    @Override
    public List<String> learnLabels(Iterable<Target> targets) {
        return tagging.learnLabels(targets);
    }

    @Override
    public TaskHead<?> create(TokenClassificationProvider.Settings settings, HeadContext context) {
        return new Squashed<>(tagging.create(settings, context));
    }

    private record Squashed<T>(TaskHead<T> head) implements ForwardingHead<T> {
        @Override
        public Tensor forward(Parameters parameters, HeadInputs inputs, Mode mode) {
            return head.forward(parameters, inputs, mode).relu();
        }

        @Override
        public Optional<LinearForm> linear() {
            return Optional.empty();
        }
    }
}
