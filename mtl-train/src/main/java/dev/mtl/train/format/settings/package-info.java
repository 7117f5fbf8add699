/** What a configuration says about each format. */
@NullMarked
package dev.mtl.train.format.settings;

import org.jspecify.annotations.NullMarked;
