/** JMH benchmarks. */
@NullMarked
package dev.mtl.bench;

import org.jspecify.annotations.NullMarked;
