/**
 * The parts of newer encoders: rotary positions, attention in a window, gated feed-forward blocks,
 * pre-norm layers.
 */
@NullMarked
package dev.mtl.core.rotary;

import org.jspecify.annotations.NullMarked;
