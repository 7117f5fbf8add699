/** Exports trained models as files of transformers and ONNX. */
@NullMarked
package dev.mtl.core.export;

import org.jspecify.annotations.NullMarked;
