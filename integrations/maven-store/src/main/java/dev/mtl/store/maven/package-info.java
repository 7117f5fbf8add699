/** Models from Maven repositories, fetched by Maven's own resolver. */
@NullMarked
package dev.mtl.store.maven;

import org.jspecify.annotations.NullMarked;
