/** Training in several processes: how they exchange data. */
@NullMarked
package dev.mtl.train.collective;

import org.jspecify.annotations.NullMarked;
