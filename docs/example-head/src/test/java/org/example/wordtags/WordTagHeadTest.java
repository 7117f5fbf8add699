package org.example.wordtags;

import dev.mtl.core.head.Target;
import dev.mtl.core.head.testkit.HeadTestKit;

import org.junit.jupiter.api.Test;

import java.util.List;

class WordTagHeadTest {
    @Test
    void keepsTheContractOfHeads() {
        HeadTestKit.of(new WordTagProvider(), new WordTagProvider.Settings(0.1))
                .withTargets(
                        new Target.Tags(List.of("noun", "verb", "noun", "other", "verb")),
                        new Target.Tags(List.of("other", "noun")),
                        new Target.Tags(List.of("verb")))
                .verify();
    }
}
