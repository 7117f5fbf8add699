/**
 * Parts of encoders whose attention keeps content and distance apart, as DeBERTa's: distances in
 * buckets, attention between contents and positions, a convolution beside the first layer.
 */
@NullMarked
package dev.mtl.core.disentangled;

import org.jspecify.annotations.NullMarked;
