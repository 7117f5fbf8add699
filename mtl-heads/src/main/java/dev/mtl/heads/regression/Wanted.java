package dev.mtl.heads.regression;

/**
 * What a text should get.
 *
 * @param values one for each logit
 * @param query the first of two texts, by which losses find those that belong together
 */
@SuppressWarnings("ArrayRecordComponent") // one for each example, never compared
record Wanted(float[] values, String query) {}
