import dev.mtl.train.collective.CollectiveProvider;

/** Training, configured by a YAML file or in Java. */
@SuppressWarnings("module") // the modules named in exports are compiled later
module dev.mtl.train {
    requires transitive dev.mtl.core;
    requires com.fasterxml.jackson.databind;
    requires com.google.protobuf;
    requires dev.hardwood.core;
    requires jdk.management;
    requires org.apache.commons.csv;
    requires org.slf4j;
    requires org.yaml.snakeyaml;
    requires static transitive org.jspecify;

    exports dev.mtl.train;
    exports dev.mtl.train.collective;
    exports dev.mtl.train.data;
    exports dev.mtl.train.progress;
    exports dev.mtl.train.settings;

    // The commands `data check`, `evaluate` and `predict` read, check and score data as training
    // does.
    exports dev.mtl.train.config to
            dev.mtl.cli;
    exports dev.mtl.train.config.training to
            dev.mtl.cli;
    exports dev.mtl.train.format to
            dev.mtl.cli;
    exports dev.mtl.train.format.fields to
            dev.mtl.cli;
    exports dev.mtl.train.format.settings to
            dev.mtl.cli;
    exports dev.mtl.train.loading to
            dev.mtl.cli;
    exports dev.mtl.train.retrieval to
            dev.mtl.cli;
    exports dev.mtl.train.run to
            dev.mtl.cli;
    exports dev.mtl.train.sampling to
            dev.mtl.cli;
    exports dev.mtl.train.tags to
            dev.mtl.cli;
    exports dev.mtl.train.teacher to
            dev.mtl.cli;

    // Processes that train together, for Collective.open.
    uses CollectiveProvider;
}
