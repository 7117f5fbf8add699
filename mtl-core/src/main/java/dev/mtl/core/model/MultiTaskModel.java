package dev.mtl.core.model;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.adapter.Adapters;
import dev.mtl.core.bert.BertConfig;
import dev.mtl.core.bert.StoredEncoder;
import dev.mtl.core.head.HeadBatch;
import dev.mtl.core.head.HeadInputs;
import dev.mtl.core.kernel.FusedKernels;
import dev.mtl.core.kernel.GraphKernels;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.nn.Parameters;
import dev.mtl.core.nn.TokenBatch;
import dev.mtl.core.pooling.modules.Readout;
import dev.mtl.core.tokenizer.Encoding;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.tokenizer.TokenizedPair;
import dev.mtl.core.tokenizer.TokenizedText;
import dev.mtl.core.tokenizer.huggingface.TextTokenizer;
import dev.mtl.core.transformer.LayerOutputs;
import dev.mtl.core.transformer.TransformerEncoder;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** One BERT and the heads of its tasks. The model owns its tokenizer and its tensors. */
public final class MultiTaskModel implements AutoCloseable {
    private final BertConfig backboneConfig;
    private final TaskEncoders encoders;
    private final Readout readout;
    private final TextTokenizer tokenizer;
    private final SequencedMap<String, Task> tasks;
    private final Parameters parameters;
    private final Device device;
    private final TensorScope owner;
    private final @Nullable StoredEncoder stored;
    private final @Nullable Adapters adapters;

    /**
     * A model to train or to export.
     *
     * @param parameters the backbone's, the adapters' and all heads', on {@code device}
     * @param adapters of the backbone, null for none
     * @param owner a shared scope that owns the parameters; closed with the model
     */
    static MultiTaskModel trainable(
            ModelDescription description,
            Parameters parameters,
            @Nullable Adapters adapters,
            Device device,
            TensorScope owner) {
        var encoders =
                TaskEncoders.on(
                        description.config(),
                        FusedKernels.orGraph(parameters, device),
                        parameters,
                        adapters,
                        Mode.EVALUATION);
        return new MultiTaskModel(description, encoders, parameters, adapters, device, owner, null);
    }

    /**
     * A model for inference.
     *
     * @param backbone closed with the model
     * @param parameters the heads', and those of adapters of tasks, on {@code device}
     * @param adapters that tasks have of their own, null for none
     * @param owner a shared scope that owns all tensors; closed with the model
     */
    static MultiTaskModel forInference(
            ModelDescription description,
            StoredEncoder backbone,
            Parameters parameters,
            @Nullable Adapters adapters,
            Device device,
            TensorScope owner) {
        var encoders = TaskEncoders.of(backbone, adapters, parameters);
        return new MultiTaskModel(
                description, encoders, parameters, adapters, device, owner, backbone);
    }

    private MultiTaskModel(
            ModelDescription description,
            TaskEncoders encoders,
            Parameters parameters,
            @Nullable Adapters adapters,
            Device device,
            TensorScope owner,
            @Nullable StoredEncoder stored) {
        backboneConfig = description.config();
        readout = description.readout();
        tasks = new LinkedHashMap<>(description.tasks());
        this.encoders = encoders;
        this.parameters = parameters;
        this.adapters = adapters;
        this.device = device;
        this.owner = owner;
        this.stored = stored;
        EntitiesTasks.with(tasks.keySet(), this); // they are there
        tokenizer = description.tokenizer(); // last: nothing that fails leaves it open
    }

    /** The numbers of the backbone. */
    @SuppressWarnings("exports") // for MTL's own modules
    public BertConfig backboneConfig() {
        return backboneConfig;
    }

    /**
     * The backbone for inference: on packed weights in a model that {@link
     * ModelFiles#loadForInference} loaded, else on {@link #parameters}, whose in-place changes it
     * follows.
     */
    @SuppressWarnings("exports") // for MTL's own modules
    public TransformerEncoder encoder() {
        return encoders.shared();
    }

    /** The backbone for inference, as each task reads it. */
    @SuppressWarnings("exports") // for MTL's own modules
    public TaskEncoders encoders() {
        return encoders;
    }

    /** The adapters of the backbone, null for none. */
    @SuppressWarnings("exports") // for MTL's own modules
    public @Nullable Adapters adapters() {
        return adapters;
    }

    /**
     * The weights of the backbone as the tasks read them: with a shared adapter added.
     *
     * @return by their names, owned by the model or the innermost scope
     * @throws ConfigurationException if tasks have adapters of their own
     */
    public Parameters backboneWeights() {
        if (adapters != null && adapters.ofTasks()) {
            throw new ConfigurationException(
                    "each task has an adapter of its own, so the encoder has no weights that serve"
                            + " all of them");
        }
        return backboneWeights(Adapters.SHARED);
    }

    /** The same as one task reads them: with its adapter added if it has one. */
    public Parameters backboneWeights(String task) {
        return adapters == null ? parameters : adapters.merged(parameters, adapters.of(task));
    }

    /**
     * The backbone for training.
     *
     * @param leaves of this model's parameters; must outlive the encoder
     */
    @SuppressWarnings("exports") // for MTL's own modules
    public TaskEncoders trainingEncoders(Parameters leaves) {
        return TaskEncoders.on(
                backboneConfig, new GraphKernels(leaves), leaves, adapters, Mode.TRAINING);
    }

    @SuppressWarnings("exports") // for MTL's own modules
    public Readout readout() {
        return readout;
    }

    /** The longest input in tokens, [CLS] and [SEP] included. */
    public int maxLength() {
        return tokenizer.maxLength();
    }

    /** The tasks by name, in the order of the configuration. */
    public SequencedMap<String, Task> tasks() {
        return Collections.unmodifiableSequencedMap(tasks);
    }

    /**
     * The weights: Hugging Face's names for the backbone, {@code readout.N.NAME} for layers after
     * pooling, {@code heads.TASK.NAME} for heads, {@code adapters.NAME.LAYER} for adapters. A model
     * loaded for inference lacks those of the backbone: such a model cannot be trained, saved or
     * exported.
     */
    public Parameters parameters() {
        return parameters;
    }

    /** Where the model runs. */
    public Device device() {
        return device;
    }

    /** Reads texts, cut to {@link #maxLength}, as users wrote them. */
    @SuppressWarnings("exports") // for MTL's own modules
    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** Pads tokenized texts; the tensors belong to the innermost scope. */
    public HeadBatch batch(List<TokenizedText> texts) {
        return batch(texts, 1);
    }

    /**
     * Pads the texts of examples; the tensors belong to the innermost scope.
     *
     * @param textsPerExample K; the texts of an example are beside each other
     */
    public HeadBatch batch(List<TokenizedText> texts, int textsPerExample) {
        return batch(
                texts.stream().map(TokenizedText::text).toList(),
                texts.stream().map(TokenizedText::encoding).toList(),
                textsPerExample,
                List.of());
    }

    /**
     * The same for texts whose tokens the caller has chosen.
     *
     * @param pairs the two texts of each example as heads read them together; empty if none does
     */
    public HeadBatch batch(
            List<PreTokenizedText> texts,
            List<Encoding> encodings,
            int textsPerExample,
            List<TokenizedPair> pairs) {
        var tokens = pad(encodings);
        return pairs.isEmpty()
                ? new HeadBatch(texts, tokens, textsPerExample)
                : new HeadBatch(
                        texts,
                        tokens,
                        pairs,
                        pad(pairs.stream().map(TokenizedPair::encoding).toList()));
    }

    /** Pads token sequences to the longest; the tensors belong to the innermost scope. */
    public TokenBatch pad(List<Encoding> encodings) {
        return TokenBatch.of(encodings, tokenizer.padId(), device());
    }

    /** Whether a head masks texts, and so reads the table of word embeddings. */
    public boolean masks() {
        return tasks.values().stream().anyMatch(task -> task.head().masks());
    }

    /** Whether a head of some tasks reads the two texts of an example together. */
    public boolean readsPairs(Collection<String> which) {
        return which.stream().anyMatch(name -> task(name).readsPairs());
    }

    /** Whether a head of some tasks reads texts one by one. */
    public boolean readsTexts(Collection<String> which) {
        return which.stream().anyMatch(name -> task(name).readsTexts());
    }

    /**
     * Runs the backbone on what the heads of some tasks read: on the texts one by one, on the two
     * texts of each example together, or both.
     *
     * @param pass of the backbone, from tokens {@code [B, S]} to embeddings {@code [B, S, H]}
     */
    @SuppressWarnings("exports") // outputs of layers are for MTL's own modules
    public Embeddings encode(HeadBatch batch, Collection<String> which, EncoderPass pass) {
        var layers = mixedLayers(which);
        return new Embeddings(
                readsTexts(which) ? pass.run(batch.tokens(), layers) : null,
                readsPairs(which) ? pass.run(batch.pairTokens(), layers) : null);
    }

    /** A pass of the backbone. */
    @FunctionalInterface
    public interface EncoderPass {
        /**
         * Runs it.
         *
         * @param layers numbers of the layers below the last whose outputs are wanted
         */
        @SuppressWarnings("exports") // for MTL's own modules
        LayerOutputs run(TokenBatch tokens, List<Integer> layers);
    }

    /** The layers below the last that heads of some tasks mix; empty if none does. */
    public List<Integer> mixedLayers(Collection<String> which) {
        return which.stream()
                .flatMap(name -> task(name).mixedLayers().stream())
                .filter(layer -> layer < backboneConfig.numHiddenLayers())
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * Runs the heads of some tasks on the backbone's output.
     *
     * @param embeddings from {@link #encode}
     * @return logits by task, owned by the innermost scope
     */
    public SequencedMap<String, Tensor> heads(
            Parameters weights,
            Embeddings embeddings,
            HeadBatch batch,
            Mode mode,
            Collection<String> which) {
        return heads(weights, inputs(weights, embeddings, batch), mode, which);
    }

    /**
     * What heads read of the backbone's output; a sentence embedding is computed on first use.
     *
     * @param weights with those of the layers after pooling, if there are any
     */
    public HeadInputs inputs(Parameters weights, Embeddings embeddings, HeadBatch batch) {
        return new BackboneOutputs(readout, weights, embeddings, batch, masks());
    }

    /**
     * Runs the heads of some tasks on their inputs.
     *
     * @return logits by task, owned by the innermost scope
     */
    public SequencedMap<String, Tensor> heads(
            Parameters weights, HeadInputs inputs, Mode mode, Collection<String> which) {
        var logits = new LinkedHashMap<String, Tensor>();
        for (var name : which) {
            logits.put(name, task(name).forward(weights, inputs, mode));
        }
        return logits;
    }

    /** The names of the tasks whose heads take this many texts of an example. */
    public List<String> tasksOf(int texts) {
        return tasks.values().stream()
                .filter(task -> task.head().textArity().allows(texts))
                .map(Task::name)
                .toList();
    }

    /**
     * The task of this name.
     *
     * @throws ConfigurationException if there is none
     */
    public Task task(String name) {
        var task = tasks.get(name);
        if (task == null) {
            throw new ConfigurationException(
                    "no task '" + name + "'; this model has " + String.join(", ", tasks.keySet()));
        }
        return task;
    }

    /** Frees the tensors and the tokenizer; nothing may be running on the model. */
    @Override
    public void close() {
        owner.close();
        if (stored != null) {
            stored.close();
        }
        tokenizer.close();
    }
}
