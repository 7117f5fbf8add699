/** One shared BERT sentence encoder, trained models, and the interface of task heads. */
@NullMarked
package dev.mtl.core;

import org.jspecify.annotations.NullMarked;
