package dev.mtl.train.optim;

/**
 * Parameters that share a learning rate and a weight decay.
 *
 * @param name the part of the network: {@code embeddings}, {@code layer 3}, {@code head intent}
 * @param learningRate before the schedule
 * @param weightDecay decoupled (AdamW)
 */
public record ParameterGroup(String name, double learningRate, double weightDecay) {}
