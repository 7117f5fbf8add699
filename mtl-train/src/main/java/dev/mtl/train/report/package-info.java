/** What a run leaves to look at: metrics, curves, a report. */
@NullMarked
package dev.mtl.train.report;

import org.jspecify.annotations.NullMarked;
