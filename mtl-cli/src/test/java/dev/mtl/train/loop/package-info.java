/** Tests of the trainer with the heads that ship, which its own module does not see. */
@NullMarked
package dev.mtl.train.loop;

import org.jspecify.annotations.NullMarked;
