/** Tests on small jars made up by the tests themselves. */
@NullMarked
package dev.mtl.natives;

import org.jspecify.annotations.NullMarked;
