/** Requests: who may make them, how many at once, what they may hold, and their errors. */
@NullMarked
package dev.mtl.server.http;

import org.jspecify.annotations.NullMarked;
