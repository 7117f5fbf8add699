/** One shared BERT sentence encoder, and the contract of the task heads that sit on it. */
@NullMarked
package dev.mtl.core;

import org.jspecify.annotations.NullMarked;
