/**
 * BERT (Devlin et al. 2019) and its family: configuration, checkpoints with the names of Hugging
 * Face's {@code BertModel}, and the arrangement of transformer parts.
 */
@NullMarked
package dev.mtl.core.bert;

import org.jspecify.annotations.NullMarked;
