/** MTL's encoders and trained models behind LangChain4j's interfaces. */
@NullMarked
package dev.mtl.langchain4j;

import org.jspecify.annotations.NullMarked;
