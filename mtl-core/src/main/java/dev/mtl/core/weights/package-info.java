/** Weight files, byte for byte: safetensors in and out, TensorFlow bundles and ONNX in. */
@NullMarked
package dev.mtl.core.weights;

import org.jspecify.annotations.NullMarked;
