/** Micrometer's meters of MTL's pipelines and encoders. */
@NullMarked
package dev.mtl.micrometer;

import org.jspecify.annotations.NullMarked;
