/** YAML with the place of each node, and records bound from it. */
@NullMarked
package dev.mtl.train.config.yaml;

import org.jspecify.annotations.NullMarked;
