package org.example.votes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadTestKit;
import dev.mtl.core.head.testkit.HeadUnderTest;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

class VotesHeadTest {
    private static final VotesProvider PROVIDER = new VotesProvider();

    private static Target votes(Object field) {
        return PROVIDER.readTarget(PROVIDER.defaults(), field, List.of());
    }

    @Test
    void keepsTheContractOfHeads() {
        HeadTestKit.of(PROVIDER, PROVIDER.defaults())
                .withTargets(votes("good 3, bad 1"), votes("bad 2"), votes("good 1, fair 1"))
                .verify();
    }

    @Test
    void votesAreReadFromTablesAndFromJson() {
        assertEquals(votes(Map.of("good", 3, "bad", 1)), votes("good 3, bad 1"));
        assertEquals("bad 1, good 3", ((Votes) votes("good 3,bad 1")).toText());
        for (var wrong : List.<Object>of("good", "good 0", "good 1, good 2", 7, Map.of("a", "b"))) {
            assertThrows(IllegalArgumentException.class, () -> votes(wrong));
        }
    }

    @Test
    void aPartOfTheLossIsZeroForPredictionsThatAreTheVotes() {
        try (var _ = TensorScope.open()) {
            var head = PROVIDER.create(PROVIDER.defaults(), context("bad", "good"));
            var tested = HeadUnderTest.of(head);
            var logits = Tensors.of(new float[] {0, (float) Math.log(3)}, 1, 2);
            var batch = HeadUnderTest.batch(1);
            var targets = List.of(votes("good 3, bad 1"));

            double entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
            assertEquals(entropy, tested.loss(logits, batch, targets).item(), 1e-6);
            var parts = tested.lossWithParts(logits, batch, targets).parts();
            assertEquals(0, parts.get("kl").item(), 1e-6);
        }
    }

    private static HeadContext context(String... labels) {
        return new HeadContext("rating", 6, List.of(labels));
    }
}
