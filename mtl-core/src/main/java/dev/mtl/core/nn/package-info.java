/**
 * What networks are made of here: named parameters, how they begin, and whether a pass trains or
 * evaluates.
 */
@NullMarked
package dev.mtl.core.nn;

import org.jspecify.annotations.NullMarked;
