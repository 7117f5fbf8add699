import dev.mtl.core.head.HeadProvider;
import dev.mtl.heads.classification.ClassificationProvider;
import dev.mtl.heads.classification.PairClassificationProvider;
import dev.mtl.heads.contrastive.ContrastiveProvider;
import dev.mtl.heads.distillation.DistillationProvider;
import dev.mtl.heads.masked.MaskedLanguageModelProvider;
import dev.mtl.heads.multilabel.MultiLabelProvider;
import dev.mtl.heads.regression.PairRegressionProvider;
import dev.mtl.heads.regression.RegressionProvider;
import dev.mtl.heads.relation.RelationProvider;
import dev.mtl.heads.similarity.SimilarityProvider;
import dev.mtl.heads.span.SpanExtractionProvider;
import dev.mtl.heads.token.TaggingProvider;
import dev.mtl.heads.token.TokenClassificationProvider;

/** The heads that ship with MTL. Exports nothing: they are found as services. */
module dev.mtl.heads {
    requires dev.mtl.core;
    requires static org.jspecify;

    provides HeadProvider with
            ClassificationProvider,
            ContrastiveProvider,
            DistillationProvider,
            MaskedLanguageModelProvider,
            MultiLabelProvider,
            PairClassificationProvider,
            PairRegressionProvider,
            RegressionProvider,
            RelationProvider,
            SimilarityProvider,
            SpanExtractionProvider,
            TaggingProvider,
            TokenClassificationProvider;

    // Settings records, read from YAML and JSON by reflection.
    opens dev.mtl.heads;
    opens dev.mtl.heads.classification;
    opens dev.mtl.heads.contrastive;
    opens dev.mtl.heads.distillation;
    opens dev.mtl.heads.masked;
    opens dev.mtl.heads.multilabel;
    opens dev.mtl.heads.regression;
    opens dev.mtl.heads.relation;
    opens dev.mtl.heads.similarity;
    opens dev.mtl.heads.span;
    opens dev.mtl.heads.token;
}
