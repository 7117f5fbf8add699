/**
 * Where models come from: {@link dev.mtl.core.store.ModelStore} turns a name into a local folder in
 * Hugging Face's layout, downloaded and converted once.
 */
@NullMarked
package dev.mtl.core.store;

import org.jspecify.annotations.NullMarked;
