/** The keys of a configuration, section by section, as a Java program sets them. */
@NullMarked
package dev.mtl.train.settings;

import org.jspecify.annotations.NullMarked;
