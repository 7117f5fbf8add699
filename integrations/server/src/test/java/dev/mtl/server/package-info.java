@NullMarked
package dev.mtl.server;

import org.jspecify.annotations.NullMarked;
