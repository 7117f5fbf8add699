import dev.mtl.core.data.FormatProvider;
import dev.mtl.core.head.HeadProvider;
import dev.mtl.core.store.artifact.ArtifactResolver;

/**
 * Sentence embeddings, trained models, the model store, and the interface of task heads.
 *
 * <p>A module with heads {@code provides} {@link HeadProvider} and {@code opens} the packages of
 * its settings records, which are read from YAML and JSON by reflection. On the module path the JVM
 * needs {@code --enable-native-access=dev.mtl.torch,ai.djl.tokenizers}.
 */
@SuppressWarnings("module") // the modules named in exports are compiled later
module dev.mtl.core {
    requires transitive dev.mtl.torch;
    requires com.fasterxml.jackson.databind;
    requires java.net.http;
    requires jdk.management;
    requires org.slf4j;
    requires static transitive org.jspecify;

    // Jars without a module descriptor.
    requires ai.djl.api;
    requires ai.djl.tokenizers;
    requires com.google.protobuf;

    exports dev.mtl.core;
    exports dev.mtl.core.data;
    exports dev.mtl.core.encoder;
    exports dev.mtl.core.head;
    exports dev.mtl.core.nn;
    exports dev.mtl.core.pipeline;
    exports dev.mtl.core.pooling;
    exports dev.mtl.core.store;
    exports dev.mtl.core.tokenizer;

    // Training runs through the encoder's layers, tokenizes once per data set, and keeps parameters
    // and optimizer states in checkpoints; the command line prints what a tokenizer and an encoder
    // are. Users get all that through encoder and model.
    exports dev.mtl.core.adapter to
            dev.mtl.train;
    exports dev.mtl.core.head.mix to
            dev.mtl.train;
    exports dev.mtl.core.bert to
            dev.mtl.cli,
            dev.mtl.train;
    exports dev.mtl.core.model to
            dev.mtl.cli,
            dev.mtl.train;
    exports dev.mtl.core.model.answer to
            dev.mtl.cli,
            dev.mtl.train;
    exports dev.mtl.core.nn.io to
            dev.mtl.train;
    exports dev.mtl.core.pooling.modules to
            dev.mtl.train;
    exports dev.mtl.core.tokenizer.huggingface to
            dev.mtl.cli,
            dev.mtl.train;
    exports dev.mtl.core.transformer to
            dev.mtl.train;
    exports dev.mtl.core.weights to
            dev.mtl.train;

    // Atomic files, nearest names and the like, shared by MTL's own modules.
    exports dev.mtl.core.internal.files to
            dev.mtl.cli,
            dev.mtl.server,
            dev.mtl.train;
    exports dev.mtl.core.internal to
            dev.mtl.cli,
            dev.mtl.server,
            dev.mtl.train;

    // What mtl-store-maven implements.
    exports dev.mtl.core.store.artifact to
            dev.mtl.store.maven;

    // Plugins are loaded, and exports written, by the command line; a failure in a plugin is named
    // wherever it appears.
    exports dev.mtl.core.export to
            dev.mtl.cli;
    exports dev.mtl.core.plugin to
            dev.mtl.cli,
            dev.mtl.train;

    uses ArtifactResolver;
    uses FormatProvider;
    uses HeadProvider;
}
