/**
 * MTL's encoders and trained models as beans of a Spring application, and Spring AI's interface.
 */
@NullMarked
package dev.mtl.springai;

import org.jspecify.annotations.NullMarked;
