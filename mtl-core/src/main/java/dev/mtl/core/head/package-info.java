/**
 * The contract of task heads: all that a head's author needs, and nothing of how models are
 * trained.
 */
@NullMarked
package dev.mtl.core.head;

import org.jspecify.annotations.NullMarked;
