/**
 * Weights of other frameworks, read once to be converted to safetensors: ONNX files and TensorFlow
 * checkpoints.
 */
@NullMarked
package dev.mtl.core.weights.conversion;

import org.jspecify.annotations.NullMarked;
