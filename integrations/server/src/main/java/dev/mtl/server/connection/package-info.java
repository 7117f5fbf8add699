/** Connections whose slow and vanished clients are noticed. */
@NullMarked
package dev.mtl.server.connection;

import org.jspecify.annotations.NullMarked;
