/** The models that are served: loading, what they can answer, replacing them while they serve. */
@NullMarked
package dev.mtl.server.model;

import org.jspecify.annotations.NullMarked;
