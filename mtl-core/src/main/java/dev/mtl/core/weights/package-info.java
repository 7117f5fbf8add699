/** The files that weights come in, byte by byte: safetensors, TensorFlow checkpoints, ONNX. */
@NullMarked
package dev.mtl.core.weights;

import org.jspecify.annotations.NullMarked;
