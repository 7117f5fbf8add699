/** Policies of training: freezing, task weights, checks of the settings. */
@NullMarked
package dev.mtl.train.policy;

import org.jspecify.annotations.NullMarked;
