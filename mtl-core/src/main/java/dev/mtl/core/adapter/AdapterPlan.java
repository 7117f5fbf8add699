package dev.mtl.core.adapter;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * The adapters that a new model is to have.
 *
 * @param perTask whether each task has one of its own
 * @param merge whether the model is saved with it added to the weights
 * @param initFrom a directory of PEFT's files whose matrices it begins with; null to draw them
 */
public record AdapterPlan(Lora lora, boolean perTask, boolean merge, @Nullable Path initFrom) {}
