package dev.mtl.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.store.hub.HubToken;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

class StoreSettingsTest {
    @TempDir Path home;

    @Test
    void looksForTheCacheWhereTheUserKeepsCaches() {
        assertThat(StoreSettings.of(Map.of(), home).models())
                .isEqualTo(home.resolve(".cache/mtl/models"));
        assertThat(StoreSettings.of(Map.of("XDG_CACHE_HOME", "/caches"), home).cache())
                .isEqualTo(Path.of("/caches/mtl"));
        var environment = Map.of("XDG_CACHE_HOME", "/caches", "MTL_CACHE", "/mine");
        assertThat(StoreSettings.of(environment, home).cache()).isEqualTo(Path.of("/mine"));
        assertThat(StoreSettings.of(Map.of("MTL_CACHE", ""), home).cache())
                .isEqualTo(home.resolve(".cache/mtl"));
    }

    @Test
    void readsTheHubsAddress() {
        assertThat(StoreSettings.of(Map.of("HF_ENDPOINT", "http://mirror:8080/hf/"), home))
                .extracting(settings -> settings.hub().endpoint())
                .isEqualTo(URI.create("http://mirror:8080/hf"));
        assertThatThrownBy(() -> StoreSettings.of(Map.of("HF_ENDPOINT", "mirror"), home))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("HF_ENDPOINT is 'mirror'");
    }

    @ParameterizedTest
    @CsvSource({"1,true", "true,true", "Yes,true", "ON,true", "0,false", "no,false", "'',false"})
    void readsHubOfflineAsTheHubsClientsDo(String value, boolean offline) {
        assertThat(StoreSettings.of(Map.of("HF_HUB_OFFLINE", value), home).hub().offline())
                .isEqualTo(offline);
        assertThat(StoreSettings.of(Map.of("TRANSFORMERS_OFFLINE", value), home).hub().offline())
                .isEqualTo(offline);
    }

    @Test
    void findsTheTokenInTheEnvironmentOrItsFile() throws IOException {
        assertThat(StoreSettings.of(Map.of(), home).hub().token()).isEmpty();

        var folder = Files.createDirectories(home.resolve(".cache/huggingface"));
        Files.writeString(folder.resolve("token"), "from-file\n");
        assertThat(token(Map.of())).isEqualTo("Bearer from-file");
        assertThat(token(Map.of("HF_TOKEN", "from-env"))).isEqualTo("Bearer from-env");
        assertThat(StoreSettings.of(Map.of("HF_TOKEN", "secret"), home).hub().toString())
                .doesNotContain("secret");
    }

    private String token(Map<String, String> environment) {
        return StoreSettings.of(environment, home)
                .hub()
                .token()
                .map(HubToken::authorization)
                .orElse("");
    }
}
