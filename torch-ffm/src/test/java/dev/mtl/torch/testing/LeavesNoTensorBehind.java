package dev.mtl.torch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.torch.Tensor;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import java.util.Objects;

/** Every test ends, its fixtures included, with as many live tensors as it began with. */
public final class LeavesNoTensorBehind implements BeforeEachCallback, AfterEachCallback {
    private static final Namespace NAMESPACE = Namespace.create(LeavesNoTensorBehind.class);
    private static final String BEFORE = "live tensors";

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(BEFORE, Tensor.liveCount());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        long before =
                Objects.requireNonNull(context.getStore(NAMESPACE).get(BEFORE, Long.class), BEFORE);
        assertThat(Tensor.liveCount()).as(BEFORE).isEqualTo(before);
    }
}
