/** What a model answers about texts: one pass of the backbone for every head that is asked. */
@NullMarked
package dev.mtl.core.model.answer;

import org.jspecify.annotations.NullMarked;
