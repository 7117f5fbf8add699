/**
 * Loads LibTorch once per process, checks that it has every function of the bindings, and captures
 * its error messages. Internal to this module.
 */
@NullMarked
package dev.mtl.torch.loading;

import org.jspecify.annotations.NullMarked;
