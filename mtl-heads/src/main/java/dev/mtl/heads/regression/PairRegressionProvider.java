package dev.mtl.heads.regression;

import dev.mtl.core.head.HeadInput;

/**
 * The head type {@code pair-regression}: numbers for two texts that are read together, such as
 * {@code [CLS] a [SEP] b [SEP]} (similarity, relevance).
 */
public final class PairRegressionProvider extends RegressionProvider {
    @Override
    public String type() {
        return "pair-regression";
    }

    @Override
    HeadInput input() {
        return HeadInput.PAIR;
    }
}
