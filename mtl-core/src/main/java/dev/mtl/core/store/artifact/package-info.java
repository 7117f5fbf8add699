/** What the model store needs to fetch a Maven artifact; mtl-store-maven implements it. */
@NullMarked
package dev.mtl.core.store.artifact;

import org.jspecify.annotations.NullMarked;
