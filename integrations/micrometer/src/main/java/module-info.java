/** Micrometer's meters of MTL's pipelines and encoders. */
@SuppressWarnings("requires-transitive-automatic") // Micrometer has no module descriptor
module dev.mtl.micrometer {
    requires transitive dev.mtl.core;
    requires transitive micrometer.core;
    requires static org.jspecify;

    exports dev.mtl.micrometer;
}
