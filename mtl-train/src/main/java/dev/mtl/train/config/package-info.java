/**
 * Configurations: YAML bound to immutable, validated records. Every mistake is reported with file,
 * line and path before any work begins.
 */
@NullMarked
package dev.mtl.train.config;

import org.jspecify.annotations.NullMarked;
