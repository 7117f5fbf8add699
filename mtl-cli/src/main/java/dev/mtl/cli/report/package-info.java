/** What commands print about training and evaluation. */
@NullMarked
package dev.mtl.cli.report;

import org.jspecify.annotations.NullMarked;
