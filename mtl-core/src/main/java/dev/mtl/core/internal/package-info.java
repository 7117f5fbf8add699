/**
 * Helpers shared by MTL's own modules: files that appear whole or not at all, locks between
 * processes, JSON files, lines of UTF-8, name suggestions. Not part of the API.
 */
@NullMarked
package dev.mtl.core.internal;

import org.jspecify.annotations.NullMarked;
