package dev.mtl.core.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Downloads the files of one model of the Hugging Face hub: asks for the commit and the list of
 * files, then for each file that a BERT needs at that commit.
 */
record HubDownload(
        StoreSettings settings, ModelName.Hub model, ProgressListener progress, HubTiming timing) {
    private static final Set<String> FILES =
            Set.of(
                    "config.json",
                    "model.safetensors",
                    ModelDirectory.INDEX,
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "vocab.txt",
                    "modules.json",
                    "sentence_bert_config.json",
                    "config_sentence_transformers.json");

    /** The files that an index names. */
    private static final String SHARD = "model-\\d+-of-\\d+\\.safetensors";

    /** What modules.json points to: {@code 1_Pooling/config.json}, {@code 2_Dense/...}. */
    private static final String MODULE_FILE = "\\d+_\\w+/(config\\.json|model\\.safetensors)";

    /**
     * Writes the files into the empty folder {@code target}.
     *
     * @throws MtlException if the hub cannot be reached, refuses, or sends something damaged
     */
    void to(Path target) throws IOException {
        var cache = new HubCache(settings.hubCache(), model);
        if (settings.hubOffline()) {
            copy(cache, target);
            return;
        }
        try (var client = new HubClient(settings, model.source())) {
            var info = info(client);
            var commit = info.path("sha").asText(model.revision());
            var files = new ArrayList<String>();
            info.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
            for (var file : wanted(files)) {
                if (!cache.copy(commit, file, target.resolve(file))) {
                    download(client, commit, file, target.resolve(file));
                }
            }
        }
    }

    /** Without the hub: all of what Python has downloaded, or nothing. */
    private void copy(HubCache cache, Path target) throws IOException {
        var commit = cache.commit();
        var files = commit.isEmpty() ? List.<String>of() : cache.files(commit.get());
        if (files.isEmpty()) {
            throw new MtlException(
                    "%s is neither in the cache %s nor in %s, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set: unset it once to download"
                            .formatted(model.source(), settings.models(), settings.hubCache()));
        }
        for (var file : wanted(files)) {
            if (!cache.copy(commit.get(), file, target.resolve(file))) {
                throw new MtlException(
                        "%s of %s is damaged in %s, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set: unset it once to download"
                                .formatted(file, model.source(), settings.hubCache()));
            }
        }
    }

    private JsonNode info(HubClient client) throws IOException {
        var uri =
                address(
                        "/api/models/"
                                + model.repository()
                                + "/revision/"
                                + encode(model.revision()));
        try {
            var json =
                    new HubRetry(timing)
                            .run(
                                    () -> {
                                        try (var body = client.get(uri, 0).body()) {
                                            return body.readAllBytes();
                                        }
                                    },
                                    () -> 0);
            return Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new MtlException(uri + " did not answer with JSON; is HF_ENDPOINT a hub?", e);
        }
    }

    /** Of all files of the model those that are read. */
    private List<String> wanted(List<String> all) {
        boolean whole = all.contains("model.safetensors");
        if (!whole && !all.contains(ModelDirectory.INDEX)) {
            throw new ConfigurationException(
                    model.source() + " has no model.safetensors" + otherWeights(all));
        }
        return all.stream()
                .filter(
                        file ->
                                FILES.contains(file)
                                        || file.matches(MODULE_FILE)
                                        || (!whole && file.matches(SHARD)))
                .filter(file -> !whole || !file.equals(ModelDirectory.INDEX))
                .toList();
    }

    private static String otherWeights(List<String> files) {
        return files.contains("pytorch_model.bin")
                ? ": it only has a pytorch_model.bin; save it with save_pretrained of transformers"
                : "";
    }

    private void download(HubClient client, String commit, String file, Path target)
            throws IOException {
        var name = model.repository() + "/" + file;
        var uri = address("/" + model.repository() + "/resolve/" + encode(commit) + "/" + file);
        var part = (model.repository() + "/" + commit + "/" + file).replace("/", "--") + ".part";
        var parts = settings.cache().resolve("downloads");
        new HubFile(client, timing, uri, parts.resolve(part), progress).to(target, name);
    }

    private URI address(String path) {
        return URI.create(settings.hubEndpoint() + path);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
