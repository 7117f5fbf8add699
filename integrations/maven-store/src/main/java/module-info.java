import dev.mtl.core.store.artifact.ArtifactResolver;
import dev.mtl.store.maven.MavenArtifacts;

/** Fetches models from Maven repositories, for the model store. Exports nothing. */
module dev.mtl.store.maven {
    requires dev.mtl.core;
    requires java.xml;
    requires static org.jspecify;

    // Jars without a module descriptor.
    requires eu.maveniverse.maven.mima.context;
    requires org.apache.maven.resolver;

    provides ArtifactResolver with
            MavenArtifacts;
}
