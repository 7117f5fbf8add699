/** What a caller hears of training: its plan, its steps and scores, how it ended. */
@NullMarked
package dev.mtl.train.progress;

import org.jspecify.annotations.NullMarked;
