/** Weight files: reads and writes safetensors, reads TensorFlow checkpoints and ONNX models. */
@NullMarked
package dev.mtl.core.weights;

import org.jspecify.annotations.NullMarked;
