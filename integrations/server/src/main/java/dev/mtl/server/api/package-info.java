/** The routes. */
@NullMarked
package dev.mtl.server.api;

import org.jspecify.annotations.NullMarked;
