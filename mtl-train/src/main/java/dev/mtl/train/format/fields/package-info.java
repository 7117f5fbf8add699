/** Rows of named fields: tables, JSON lines and Parquet, and what texts and targets they hold. */
@NullMarked
package dev.mtl.train.format.fields;

import org.jspecify.annotations.NullMarked;
