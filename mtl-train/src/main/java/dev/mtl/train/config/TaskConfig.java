package dev.mtl.train.config;

/**
 * A task.
 *
 * @param name as predictions call it
 * @param head the type of its head
 * @param lossWeight what its loss counts in the sum
 * @param settings the head type's own record
 */
public record TaskConfig(
        String name, String head, double lossWeight, DataConfig data, Record settings) {}
