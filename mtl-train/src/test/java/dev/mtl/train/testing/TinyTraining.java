package dev.mtl.train.testing;

import dev.mtl.core.adapter.AdapterPlan;
import dev.mtl.core.head.HeadContext;
import dev.mtl.core.head.Target;
import dev.mtl.core.head.mix.LayerMix;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.model.MultiTaskModel;
import dev.mtl.core.model.Task;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.store.ModelDirectory;
import dev.mtl.core.testing.TinyModel;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Device;
import dev.mtl.torch.RandomStream;
import dev.mtl.train.config.DataConfig;
import dev.mtl.train.config.TaskConfig;
import dev.mtl.train.data.Dataset;
import dev.mtl.train.data.Example;
import dev.mtl.train.format.settings.JointBertSettings;
import dev.mtl.train.loading.DatasetEncoder;
import dev.mtl.train.loading.TokenizedDataset;
import dev.mtl.train.settings.TaskSettings.OnUnknownLabel;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A toy problem for a tiny model: which of two words a text holds, and for each word its first
 * letter.
 */
public final class TinyTraining {
    private static final List<String> FILLERS =
            List.of("the", "book", "in", "for", "monday", "is", "what", "blue", "abc", "xyz");
    private static final List<String> SIDES = List.of("queen", "paris");
    private static final List<String> TAGS = List.of("O", "B-q", "B-p");

    private TinyTraining() {}

    /** The model with both heads. */
    public static MultiTaskModel model(ModelDirectory backbone, double dropout) {
        return model(backbone, dropout, Device.CPU);
    }

    /** The same weights on a device. */
    public static MultiTaskModel model(ModelDirectory backbone, double dropout, Device device) {
        return model(backbone, dropout, device, null);
    }

    /** The same weights with adapters. */
    public static MultiTaskModel model(
            ModelDirectory backbone,
            double dropout,
            Device device,
            @Nullable AdapterPlan adapters) {
        var tasks = new LinkedHashMap<String, Task>();
        tasks.put("side", task("side", SIDES, dropout, false));
        tasks.put("words", task("words", TAGS, dropout, true));
        try (var _ = RandomStream.open(7)) {
            return ModelFiles.create(backbone, Readout.MEAN, 40, null, tasks, adapters, device);
        }
    }

    private static Task task(String name, List<String> labels, double dropout, boolean tokens) {
        var head = new LinearHead(new HeadContext(name, TinyModel.HIDDEN, labels), dropout, tokens);
        return new Task(name, "linear", new MajorityProvider.Settings(0, true), labels, head);
    }

    /** A task of the model, with a learning rate of its own. */
    public static TaskConfig task(String name, @Nullable Double headRate) {
        return new TaskConfig(
                name,
                "linear",
                1,
                headRate,
                LayerMix.LAST,
                OnUnknownLabel.WRONG,
                DataConfig.of(JointBertSettings.DEFAULTS),
                true,
                false,
                null,
                new MajorityProvider.Settings(0, true));
    }

    /** Data as a model's tokenizer and heads encode it. */
    public static List<TokenizedDataset> encode(MultiTaskModel model, List<Dataset> data) {
        return new DatasetEncoder(model, List.of()).encode(data);
    }

    /** The same for one dataset. */
    public static TokenizedDataset encode(MultiTaskModel model, Dataset data) {
        return encode(model, List.of(data)).getFirst();
    }

    /** Examples of very different length; of some, no word is labelled. */
    public static Dataset data(int count, long seed) {
        var random = new SplittableRandom(seed);
        var examples = new ArrayList<Example>();
        for (int i = 0; i < count; i++) {
            var words = new ArrayList<String>();
            int length = 1 + random.nextInt(9);
            for (int j = 0; j < length; j++) {
                words.add(FILLERS.get(random.nextInt(FILLERS.size())));
            }
            var side = SIDES.get(random.nextInt(2));
            words.add(random.nextInt(length + 1), side);
            boolean labelled = i % 3 != 0;
            var tags =
                    words.stream()
                            .map(
                                    word ->
                                            !labelled
                                                    ? "-"
                                                    : SIDES.contains(word)
                                                            ? "B-" + word.charAt(0)
                                                            : "O")
                            .toList();
            examples.add(
                    new Example(
                            i + 1,
                            List.of(PreTokenizedText.ofWords(words)),
                            Map.of(
                                    "side", new Target.Category(side),
                                    "words", new Target.Tags(tags))));
        }
        return new Dataset("toy", List.of("side", "words"), examples);
    }

    /** The same texts as a data set for each task, as if each had a file of its own. */
    public static List<Dataset> apart(Dataset data) {
        return data.tasks().stream().map(task -> only(data, task)).toList();
    }

    /** The same texts with the targets of one task. */
    public static Dataset only(Dataset data, String task) {
        return new Dataset(data.source() + " " + task, List.of(task), data.examples());
    }
}
