/** The training loop and the policies that it calls by name. */
@NullMarked
package dev.mtl.train.loop;

import org.jspecify.annotations.NullMarked;
