/**
 * Configurations: YAML bound to immutable records, with every mistake named by file, line and path
 * before any work begins.
 */
@NullMarked
package dev.mtl.train.config;

import org.jspecify.annotations.NullMarked;
