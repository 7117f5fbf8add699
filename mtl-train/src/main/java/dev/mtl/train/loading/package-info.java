/** The data of tasks from rows to tokens and encoded targets, and its checks. */
@NullMarked
package dev.mtl.train.loading;

import org.jspecify.annotations.NullMarked;
