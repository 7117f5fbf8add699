/** Campaigns of kills and of long use; their results are in docs/reliability.md. */
@NullMarked
package dev.mtl.bench.trust;

import org.jspecify.annotations.NullMarked;
