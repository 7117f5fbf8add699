/** Processes of a training that are connected by TCP. */
@NullMarked
package dev.mtl.spark.sockets;

import org.jspecify.annotations.NullMarked;
