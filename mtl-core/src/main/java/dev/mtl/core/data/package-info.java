/** The interface of data formats that programs and plug-ins bring. */
@NullMarked
package dev.mtl.core.data;

import org.jspecify.annotations.NullMarked;
