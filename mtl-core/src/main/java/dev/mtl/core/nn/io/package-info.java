/** Parameters to safetensors files and back. */
@NullMarked
package dev.mtl.core.nn.io;

import org.jspecify.annotations.NullMarked;
