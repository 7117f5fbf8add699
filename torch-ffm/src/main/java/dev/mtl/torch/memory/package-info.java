/** Memory of tensors that another library reads or writes; for MTL's modules. */
@NullMarked
package dev.mtl.torch.memory;

import org.jspecify.annotations.NullMarked;
