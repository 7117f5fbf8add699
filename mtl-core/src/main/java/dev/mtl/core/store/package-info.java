/**
 * Where models come from: names, Maven artifacts, the Hugging Face hub and directories, all as
 * directories in Hugging Face's layout.
 */
@NullMarked
package dev.mtl.core.store;

import org.jspecify.annotations.NullMarked;
