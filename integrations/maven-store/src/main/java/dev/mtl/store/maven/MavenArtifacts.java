package dev.mtl.store.maven;

import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.store.artifact.ArtifactResolver;
import dev.mtl.core.store.artifact.MavenCoordinates;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;

import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.TransferEvent;
import org.jspecify.annotations.Nullable;

import java.nio.file.Path;

/**
 * Resolves artifacts with Maven's own resolver, configured as Maven configures it from the user's
 * and the global {@code settings.xml}: mirrors, proxies, credentials, offline mode, the local
 * repository. Files with a wrong checksum are refused.
 */
public final class MavenArtifacts implements ArtifactResolver {
    private final @Nullable Path userSettings;

    /** Uses the {@code settings.xml} that Maven uses. */
    public MavenArtifacts() {
        this(null);
    }

    /**
     * @param userSettings replaces {@code ~/.m2/settings.xml}
     */
    MavenArtifacts(@Nullable Path userSettings) {
        this.userSettings = userSettings;
    }

    @Override
    public Path resolve(MavenCoordinates coordinates, ProgressListener progress) {
        var artifact =
                new DefaultArtifact(
                        coordinates.group(),
                        coordinates.artifact(),
                        coordinates.classifier(),
                        "jar",
                        coordinates.version());
        try (var context = context(progress)) {
            var request = new ArtifactRequest(artifact, context.remoteRepositories(), null);
            return context.repositorySystem()
                    .resolveArtifact(session(context), request)
                    .getArtifact()
                    .getFile()
                    .toPath();
        } catch (ArtifactResolutionException e) {
            throw new MtlException(
                    "cannot get the Maven artifact %s: %s".formatted(coordinates, firstLine(e)), e);
        }
    }

    private Context context(ProgressListener progress) {
        var overrides =
                ContextOverrides.create()
                        .withUserSettings(true)
                        .checksumPolicy(ContextOverrides.ChecksumPolicy.FAIL)
                        .transferListener(new Transfers(progress));
        if (userSettings != null) {
            overrides.withUserSettingsXmlOverride(userSettings);
        }
        try {
            return Runtimes.INSTANCE.getRuntime().create(overrides.build());
        } catch (IllegalStateException e) {
            if (e.getCause() == null) {
                throw e;
            }
            // MIMA wraps what Maven says of settings that it cannot read.
            throw new MtlException(
                    "Maven's settings cannot be read: "
                            + String.valueOf(e.getCause().getMessage()).replaceAll("\\s+", " "),
                    e);
        }
    }

    /** MIMA's session, offline if the user's settings say so, which MIMA does not read. */
    private static RepositorySystemSession session(Context context) {
        return OfflineSetting.read(context.mavenUserHome().settingsXml())
                ? new DefaultRepositorySystemSession(context.repositorySystemSession())
                        .setOffline(true)
                : context.repositorySystemSession();
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /** Reports the download of the jar itself, not of the small checksum files beside it. */
    private static final class Transfers extends AbstractTransferListener {
        private final ProgressListener progress;

        Transfers(ProgressListener progress) {
            this.progress = progress;
        }

        @Override
        public synchronized void transferStarted(TransferEvent event) {
            if (isJar(event)) {
                var name = event.getResource().getResourceName();
                progress.started(
                        "downloading " + name.substring(name.lastIndexOf('/') + 1),
                        event.getResource().getContentLength());
            }
        }

        @Override
        public synchronized void transferProgressed(TransferEvent event) {
            if (isJar(event)) {
                progress.advanced(event.getDataBuffer().remaining());
            }
        }

        @Override
        public synchronized void transferSucceeded(TransferEvent event) {
            if (isJar(event)) {
                progress.finished();
            }
        }

        @Override
        public synchronized void transferFailed(TransferEvent event) {
            // A transfer that never started (not found) was not reported as started.
            if (isJar(event) && event.getTransferredBytes() > 0) {
                progress.finished();
            }
        }

        private static boolean isJar(TransferEvent event) {
            return event.getResource().getResourceName().endsWith(".jar");
        }
    }
}
