package dev.mtl.core.head.testkit;

import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.head.Target;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import java.util.List;
import java.util.function.Consumer;

/**
 * Holds a head to the contract of {@link dev.mtl.core.head.TaskHead}:
 *
 * <pre>
 * HeadTestKit.of(new MyProvider(), new MyProvider.Settings(0.1))
 *         .withTargets(new Target.Category("a"), new Target.Category("b"))
 *         .verify();
 * </pre>
 *
 * It needs no model files and takes about a second.
 *
 * @param <P> the head's settings
 */
public final class HeadTestKit<P extends Record> {
    private final HeadProvider<P> provider;
    private final P settings;
    private final List<Target> targets;

    private HeadTestKit(HeadProvider<P> provider, P settings, List<Target> targets) {
        this.provider = provider;
        this.settings = settings;
        this.targets = targets;
    }

    /** A kit for one type of head. */
    public static <P extends Record> HeadTestKit<P> of(HeadProvider<P> provider, P settings) {
        return new HeadTestKit<>(provider, settings, List.of());
    }

    /**
     * The targets of a few examples, from which the labels are learned: at least two, and of every
     * label. Where they are {@link Target.Tags}, texts have as many words; give at least one target
     * more than four tags, of which the fourth belongs to a word without tokens.
     */
    public HeadTestKit<P> withTargets(Target... all) {
        if (all.length < 2) {
            throw new IllegalArgumentException("at least two targets, not " + all.length);
        }
        return new HeadTestKit<>(provider, settings, List.of(all));
    }

    /**
     * Runs all checks.
     *
     * @throws AssertionError for the first that fails; says what is expected
     */
    public void verify() {
        verifyInterface();
        verifyGradients();
        verifyBatching();
        verifyLossNormalizer();
        verifyAccumulation();
        verifyDivergence();
        verifyLinearForm();
        verifySaveAndLoad();
    }

    /** Results have the shapes, types and counts that the interface documents. */
    public void verifyInterface() {
        check(InterfaceCheck::run);
    }

    /** The gradients of the loss equal its difference quotients. */
    public void verifyGradients() {
        check(GradientCheck::run);
    }

    /** Neither padding nor the other examples of a batch change a prediction. */
    public void verifyBatching() {
        check(BatchingCheck::run);
    }

    /** The loss is a mean, and {@code lossNormalizer} is what it is divided by. */
    public void verifyLossNormalizer() {
        check(NormalizerCheck::run);
    }

    /** The weighted gradients of micro-batches add up to those of one large batch. */
    public void verifyAccumulation() {
        check(AccumulationCheck::run);
    }

    /** A divergence between passes is one, and a mean as the loss is. */
    public void verifyDivergence() {
        check(DivergenceCheck::run);
    }

    /** A head that declares itself linear computes nothing but its linear layer. */
    public void verifyLinearForm() {
        check(LinearFormCheck::run);
    }

    /** A model that is saved and loaded has the same settings and predicts the same. */
    public void verifySaveAndLoad() {
        SaveAndLoadCheck.run(provider, settings, targets);
    }

    private void check(Consumer<Subject> check) {
        long before = Tensor.liveCount();
        try (var _ = TensorScope.open()) {
            var head = KitHead.of(provider, settings, targets);
            check.accept(new Subject(head, new KitExamples(head.head(), targets)));
        }
        if (Tensor.liveCount() > before) {
            throw new AssertionError(
                    "the head keeps tensors beyond the scope of a call: do not open scopes or move"
                            + " tensors out of them");
        }
    }

    /** What a check looks at. */
    record Subject(KitHead head, KitExamples examples) {}
}
