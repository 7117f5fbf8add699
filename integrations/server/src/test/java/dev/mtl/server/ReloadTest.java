package dev.mtl.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mtl.core.testing.TinyModel;
import dev.mtl.server.settings.ModelSource;
import dev.mtl.server.settings.ServerSettings;
import dev.mtl.torch.testing.LeavesNoTensorBehind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Models that are replaced while they serve. */
@ExtendWith(LeavesNoTensorBehind.class)
class ReloadTest {
    private static final String BODY = "{'inputs': 'play the song'}";

    @TempDir Path folder;
    private ModelSource model = null;

    @BeforeEach
    void write() {
        model = TinyServed.encoder("tiny", folder, 5);
    }

    private ServerSettings settings() {
        return ServerSettings.of(model).withApiKey("secret");
    }

    private void writeOther() throws IOException {
        replace(TinyModel.write(folder.resolve("other"), 6, 0.1).path());
    }

    /** As {@code mtl train} does: the old directory makes room for the new one. */
    private void replace(Path other) throws IOException {
        Files.move(model.files().path(), folder.resolve("old"));
        Files.move(other, model.files().path());
    }

    @Test
    void servesTheNewVersionAndEveryRequestMeanwhile() throws Exception {
        try (var server = ModelServer.start(settings());
                var client = Client.of(server).withKey("secret");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var before = client.post("/embed", BODY).json();
            writeOther();
            var done = new AtomicBoolean();
            var calls = new ArrayList<Future<Integer>>();
            for (int i = 0; i < 4; i++) {
                calls.add(
                        threads.submit(
                                () -> {
                                    int failed = 0;
                                    while (!done.get()) {
                                        failed +=
                                                client.post("/embed", BODY).status() == 200 ? 0 : 1;
                                    }
                                    return failed;
                                }));
            }
            try {
                for (int i = 0; i < 3; i++) {
                    var answer = client.post("/admin/reload", "{'model': 'tiny'}");
                    assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
                }
            } finally {
                done.set(true);
            }
            for (var call : calls) {
                assertThat(call.get()).isZero();
            }
            assertThat(client.post("/embed", BODY).json()).isNotEqualTo(before);
        }
    }

    @Test
    void aBrokenDirectoryLeavesTheOldVersionServing() throws IOException {
        try (var server = ModelServer.start(settings());
                var client = Client.of(server).withKey("secret")) {
            var before = client.post("/embed", BODY).json();
            var damaged = TinyModel.write(folder.resolve("damaged"), 6, 0.1).path();
            Files.writeString(damaged.resolve("model.safetensors"), "damaged");
            replace(damaged);

            var answer = client.post("/admin/reload", "{}");

            assertThat(answer.status()).isEqualTo(424);
            assertThat(answer.json().get("error").textValue())
                    .contains("goes on serving")
                    .doesNotContain(folder.toString());
            assertThat(client.post("/embed", BODY).json()).isEqualTo(before);
        }
    }

    @Test
    void watchesTheFilesOfModels() throws IOException, InterruptedException {
        try (var server = ModelServer.start(settings().withWatch(true));
                var client = Client.of(server).withKey("secret")) {
            var before = client.post("/embed", BODY).json();
            writeOther();

            for (int i = 0; i < 100 && client.post("/embed", BODY).json().equals(before); i++) {
                Thread.sleep(100);
            }
            assertThat(client.post("/embed", BODY).json()).isNotEqualTo(before);
        }
    }
}
