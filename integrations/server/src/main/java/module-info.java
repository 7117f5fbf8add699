/** Trained models over HTTP. */
module dev.mtl.server {
    requires transitive dev.mtl.core;
    requires dev.mtl.micrometer;
    requires com.fasterxml.jackson.databind;
    requires io.helidon.webserver;
    requires org.slf4j;
    requires static transitive org.jspecify;

    // Jars without a module descriptor.
    requires micrometer.core;
    requires micrometer.registry.prometheus;

    exports dev.mtl.server;
    exports dev.mtl.server.settings;
}
