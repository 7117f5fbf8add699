/** Low-rank adapters of an encoder's linear layers, and PEFT's files of them. */
@NullMarked
package dev.mtl.core.adapter;

import org.jspecify.annotations.NullMarked;
