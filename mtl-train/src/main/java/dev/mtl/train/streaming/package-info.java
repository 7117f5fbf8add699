/** Training data that is read again in each epoch: its first pass, its shuffle, its encoding. */
@NullMarked
package dev.mtl.train.streaming;

import org.jspecify.annotations.NullMarked;
