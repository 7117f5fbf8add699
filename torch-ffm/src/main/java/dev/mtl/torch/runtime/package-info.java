/**
 * Settings and facts of the whole process: the loaded LibTorch, its threads, CUDA, the allocator.
 */
@NullMarked
package dev.mtl.torch.runtime;

import org.jspecify.annotations.NullMarked;
