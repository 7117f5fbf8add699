/**
 * Client of the Hugging Face hub: downloads the files of one model, resuming broken transfers and
 * reusing what Python's {@code huggingface_hub} has cached. Internal to the model store.
 */
@NullMarked
package dev.mtl.core.store.hub;

import org.jspecify.annotations.NullMarked;
