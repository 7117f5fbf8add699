/** Trained models over HTTP, in the formats that clients of known servers speak. */
@NullMarked
package dev.mtl.server;

import org.jspecify.annotations.NullMarked;
