package dev.mtl.core.store.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.MtlException;
import dev.mtl.core.ProgressListener;
import dev.mtl.core.weights.Safetensors;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The download of one model: resolves the revision to a commit, lists its files, and fetches those
 * that an encoder needs.
 *
 * @param cache MTL's cache folder, which keeps interrupted downloads
 */
public record HubDownload(
        HubSettings settings, HubModel model, Path cache, ProgressListener progress) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> FILES =
            Set.of(
                    "config.json",
                    "model.safetensors",
                    Safetensors.INDEX_FILE,
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "vocab.txt",
                    "spm.model",
                    "sentencepiece.bpe.model",
                    "modules.json",
                    "sentence_bert_config.json",
                    "config_sentence_transformers.json");

    /** The files that an index refers to. */
    private static final String SHARD = "model-\\d+-of-\\d+\\.safetensors";

    /**
     * The files that {@code modules.json} refers to: {@code 1_Pooling/config.json}, {@code
     * 2_Dense/...}.
     */
    private static final String MODULE_FILE = "\\d+_\\w+/(config\\.json|model\\.safetensors)";

    /** How many branches and pull requests are searched for safetensors. */
    private static final int MOST_REFS = 20;

    /**
     * Writes the files into the empty folder {@code target}.
     *
     * @throws MtlException if the hub cannot be reached, refuses the request, or a file arrives
     *     damaged
     * @throws ConfigurationException if the model has no safetensors weights
     */
    public void writeTo(Path target) throws IOException {
        var pythonCache = new HubCache(settings.pythonCache(), model);
        if (settings.offline()) {
            copy(pythonCache, target);
            return;
        }
        try (var client = new HubClient(settings, model.toString())) {
            var info = info(client, model.revision());
            var commit = info.path("sha").asText(model.revision());
            var files = files(info);
            if (lacksSafetensors(files)) {
                throw new ConfigurationException(refusal(files) + conversion(client));
            }
            for (var file : wanted(files)) {
                if (!pythonCache.copy(commit, file, target.resolve(file))) {
                    download(client, commit, file, target.resolve(file));
                }
            }
        }
    }

    /** Offline: takes every file from the cache of {@code huggingface_hub}. */
    private void copy(HubCache pythonCache, Path target) throws IOException {
        var commit = pythonCache.commit();
        var files = commit.isEmpty() ? List.<String>of() : pythonCache.files(commit.get());
        if (files.isEmpty()) {
            throw new MtlException(
                    "%s is neither in MTL's cache %s nor in huggingface_hub's %s, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set: unset it once to download"
                            .formatted(model, cache, settings.pythonCache()));
        }
        for (var file : wanted(files)) {
            if (!pythonCache.copy(commit.get(), file, target.resolve(file))) {
                throw new MtlException(
                        "%s of %s is damaged in %s, and HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) is set: unset it once to download"
                                .formatted(file, model, settings.pythonCache()));
            }
        }
    }

    private static List<String> files(JsonNode info) {
        var files = new ArrayList<String>();
        info.path("siblings").forEach(file -> files.add(file.path("rfilename").asText()));
        return files;
    }

    /**
     * Which revision of the repository has safetensors: a branch, or a pull request of the hub's.
     */
    private String conversion(HubClient client) {
        try {
            var refs = json(client, "/refs?include_prs=1");
            for (var ref :
                    Stream.of("branches", "converts", "pullRequests")
                            .flatMap(kind -> refs.path(kind).valueStream())
                            .map(ref -> ref.path("ref").asText().replaceFirst("^refs/heads/", ""))
                            .filter(ref -> !ref.equals(model.revision()))
                            .limit(MOST_REFS)
                            .toList()) {
                if (!lacksSafetensors(files(info(client, ref)))) {
                    return ("; its revision %s has safetensors, which whoever made it may have"
                                    + " changed: mtl models pull hf:%s --revision %s")
                            .formatted(ref, model.repository(), ref);
                }
            }
        } catch (MtlException | IOException e) {
            return "";
        }
        return "";
    }

    private JsonNode info(HubClient client, String revision) throws IOException {
        return json(client, "/revision/" + encode(revision));
    }

    /** What the hub says about the repository. */
    private JsonNode json(HubClient client, String path) throws IOException {
        var uri = address("/api/models/" + model.repository() + path);
        try {
            var json =
                    new Retry(settings.retries())
                            .run(
                                    () -> {
                                        try (var body = client.get(uri, 0).body()) {
                                            return body.readAllBytes();
                                        }
                                    },
                                    () -> 0);
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new MtlException(
                    uri + " did not return JSON: is HF_ENDPOINT a Hugging Face hub?", e);
        }
    }

    /** The files to fetch, of all that the repository has. */
    private List<String> wanted(List<String> all) {
        boolean whole = all.contains("model.safetensors");
        if (lacksSafetensors(all)) {
            throw new ConfigurationException(refusal(all));
        }
        return all.stream()
                .filter(
                        file ->
                                FILES.contains(file)
                                        || file.matches(MODULE_FILE)
                                        || (!whole && file.matches(SHARD)))
                .filter(file -> !whole || !file.equals(Safetensors.INDEX_FILE))
                .filter(file -> !file.endsWith(".model") || !all.contains("tokenizer.json"))
                .toList();
    }

    private static boolean lacksSafetensors(List<String> files) {
        return !files.contains("model.safetensors") && !files.contains(Safetensors.INDEX_FILE);
    }

    private String refusal(List<String> files) {
        return model + " has no model.safetensors" + otherWeights(files);
    }

    private static String otherWeights(List<String> files) {
        return files.contains("pytorch_model.bin")
                ? ": it only has a pytorch_model.bin; convert it with save_pretrained of"
                        + " transformers"
                : "";
    }

    private void download(HubClient client, String commit, String file, Path target)
            throws IOException {
        var name = model.repository() + "/" + file;
        var uri = address("/" + model.repository() + "/resolve/" + encode(commit) + "/" + file);
        var part = (model.repository() + "/" + commit + "/" + file).replace("/", "--") + ".part";
        var parts = cache.resolve("downloads");
        new ResumableDownload(client, settings.retries(), uri, parts.resolve(part), progress)
                .to(target, name);
    }

    private URI address(String path) {
        return URI.create(settings.endpoint() + path);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
