/** Commands that search a corpus by sentence embeddings. */
@NullMarked
package dev.mtl.cli.search;

import org.jspecify.annotations.NullMarked;
