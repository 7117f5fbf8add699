package dev.mtl.spark;

import java.io.Serializable;

/** The model that tasks use, as the driver describes it to executors. */
record ModelUse(ModelLocation location, ModelSettings settings) implements Serializable {}
