/** BERT (Devlin et al. 2019), with the names and numbers of Hugging Face's {@code BertModel}. */
@NullMarked
package dev.mtl.core.bert;

import org.jspecify.annotations.NullMarked;
