/** Calls that no correct program makes: they must end in an exception, whatever they are. */
@NullMarked
package dev.mtl.torch.trust;

import org.jspecify.annotations.NullMarked;
