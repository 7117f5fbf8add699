package dev.mtl.core.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Downloads the files of one model of the Hugging Face hub: asks for the commit and the list of
 * files, then for each file that a BERT needs at that commit.
 */
record HubDownload(StoreSettings settings, ModelName.Hub model, ProgressListener progress) {
    private static final Set<String> FILES =
            Set.of(
                    "config.json",
                    "model.safetensors",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "vocab.txt",
                    "modules.json",
                    "sentence_bert_config.json",
                    "config_sentence_transformers.json");

    /** What modules.json points to: {@code 1_Pooling/config.json}, {@code 2_Dense/...}. */
    private static final String MODULE_FILE = "\\d+_\\w+/(config\\.json|model\\.safetensors)";

    /**
     * Writes the files into the empty folder {@code target}.
     *
     * @throws MtlException if the hub cannot be reached, refuses, or sends something damaged
     */
    void to(Path target) throws IOException {
        if (settings.hubOffline()) {
            throw new MtlException(
                    "%s is not in the cache %s, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set: unset it once to download"
                            .formatted(model.source(), settings.models()));
        }
        try (var client = new HubClient(settings, model.source())) {
            var info = info(client);
            var commit = info.path("sha").asText(model.revision());
            for (var file : wanted(info)) {
                download(client, commit, file, target.resolve(file));
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
        try (var body = client.get(uri).body()) {
            return Json.MAPPER.readTree(body.readAllBytes());
        } catch (JsonProcessingException e) {
            throw new MtlException(uri + " did not answer with JSON; is HF_ENDPOINT a hub?", e);
        }
    }

    private List<String> wanted(JsonNode info) {
        var all = new ArrayList<String>();
        for (var sibling : info.path("siblings")) {
            all.add(sibling.path("rfilename").asText());
        }
        if (!all.contains("model.safetensors")) {
            throw new ConfigurationException(
                    model.source() + " has no model.safetensors" + otherWeights(all));
        }
        return all.stream()
                .filter(file -> FILES.contains(file) || file.matches(MODULE_FILE))
                .toList();
    }

    private static String otherWeights(List<String> files) {
        if (files.contains("model.safetensors.index.json")) {
            return ": its weights are split into several files, which is not supported";
        }
        return files.contains("pytorch_model.bin")
                ? ": it only has a pytorch_model.bin; save it with save_pretrained of transformers"
                : "";
    }

    private void download(HubClient client, String commit, String file, Path target)
            throws IOException {
        Files.createDirectories(target.getParent());
        var uri = address("/" + model.repository() + "/resolve/" + encode(commit) + "/" + file);
        var answer = client.get(uri);
        progress.started("downloading " + model.repository() + "/" + file, answer.length());
        var check = new ContentCheck(answer.etag(), answer.length());
        try (InputStream body = answer.body();
                var output = Files.newOutputStream(target)) {
            var buffer = new byte[1 << 16];
            for (var count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                output.write(buffer, 0, count);
                check.update(buffer, count);
                progress.advanced(count);
            }
        } catch (IOException e) {
            throw new MtlException(
                    "the download of %s broke off: %s".formatted(uri, e.getMessage()), e);
        } finally {
            progress.finished();
        }
        check.require(uri);
    }

    private URI address(String path) {
        return URI.create(settings.hubEndpoint() + path);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
