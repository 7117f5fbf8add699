package dev.mtl.core.bert;

import dev.mtl.core.MtlException;
import dev.mtl.core.nn.ParameterSpec;
import dev.mtl.core.weights.TensorInfo;
import dev.mtl.core.weights.TensorSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Maps the names of weights to the names in a checkpoint. Those may have the prefix of checkpoints
 * with a head, such as {@code bert.}, and LayerNorms the older names gamma and beta. Poolers and
 * heads are ignored. Missing encoder tensors, and encoder tensors that the configuration does not
 * have, are errors.
 */
final class CheckpointNameMapping {
    /** Index buffers that older versions of transformers save with the weights. */
    private static final Pattern COUNTERS = Pattern.compile(".*\\.(position_ids|token_type_ids)");

    private static final int NAMED = 8;

    private final TensorSource source;
    private final BertConfig config;
    private final Map<String, String> names = new HashMap<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private final List<String> twice = new ArrayList<>();

    CheckpointNameMapping(TensorSource source, BertConfig config) {
        this.source = source;
        this.config = config;
    }

    /**
     * The name of each weight in the file.
     *
     * @return keyed by the names of {@link BertWeights#specs}
     * @throws MtlException if the file does not match the configuration; lists the differences
     */
    Map<String, String> names() {
        if (config.numHiddenLayers() > source.tensors().size()) {
            // Before the names of that many layers are made up.
            throw new MtlException(
                    "%s has %d tensors, and its config.json says %d layers"
                            .formatted(
                                    source.file(),
                                    source.tensors().size(),
                                    config.numHiddenLayers()));
        }
        var extra = new LinkedHashSet<String>();
        source.tensors().keySet().stream().filter(this::isOfEncoder).forEach(extra::add);
        for (var spec : BertWeights.specs(config)) {
            var found = candidates(spec).filter(source.tensors()::containsKey).toList();
            if (found.isEmpty()) {
                missing.add(config.modelType().hfName(spec.name()));
                continue;
            }
            extra.removeAll(found);
            if (found.size() > 1) {
                twice.add(String.join(" and ", found));
            }
            names.put(spec.name(), found.getFirst());
            check(source.info(found.getFirst()), spec);
        }
        requireNoFault(extra);
        return names;
    }

    private Stream<String> candidates(ParameterSpec spec) {
        var bare = config.modelType().hfName(spec.name());
        var older =
                bare.replaceFirst("LayerNorm\\.weight$", "LayerNorm.gamma")
                        .replaceFirst("LayerNorm\\.bias$", "LayerNorm.beta");
        return Stream.concat(
                        Stream.of(""),
                        config.modelType().prefixes().stream().map(prefix -> prefix + "."))
                .flatMap(prefix -> Stream.of(prefix + bare, prefix + older))
                .distinct();
    }

    private boolean isOfEncoder(String name) {
        var bare =
                config.modelType().prefixes().stream()
                        .map(prefix -> prefix + ".")
                        .filter(name::startsWith)
                        .findFirst()
                        .map(prefix -> name.substring(prefix.length()))
                        .orElse(name);
        return config.modelType().isOfEncoder(bare)
                && !COUNTERS.matcher(bare).matches()
                && !(bare.equals(BertArrangement.POSITIONS) && hasUnusedPositions());
    }

    /** DeBERTa's files may have a position table that its configuration does not use. */
    private boolean hasUnusedPositions() {
        var disentangled = config.disentangled();
        return disentangled != null && !disentangled.absolutePositions();
    }

    private void check(TensorInfo info, ParameterSpec spec) {
        if (!Arrays.equals(info.shape(), spec.shape())) {
            wrong.add(
                    "%s is %s instead of %s"
                            .formatted(
                                    info.name(),
                                    Arrays.toString(info.shape()),
                                    Arrays.toString(spec.shape())));
        } else if (!info.dtype().isFloatingPoint()) {
            wrong.add(info.name() + " is of type " + info.dtype() + ", not floating-point");
        }
    }

    private void requireNoFault(Set<String> extra) {
        var faults = new ArrayList<String>();
        add(faults, "missing", missing);
        add(faults, "of the wrong shape or type", wrong);
        add(faults, "present twice", twice);
        add(faults, "not of this model", List.copyOf(extra));
        if (!faults.isEmpty()) {
            throw new MtlException(
                    "%s does not fit its config.json, a %s of %d layers and hidden size %d. %s"
                            .formatted(
                                    source.file(),
                                    config.modelType(),
                                    config.numHiddenLayers(),
                                    config.hiddenSize(),
                                    String.join(". ", faults)));
        }
    }

    private static void add(List<String> faults, String kind, List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        int named = Math.min(NAMED, names.size());
        var rest = names.size() > named ? " and " + (names.size() - named) + " more" : "";
        faults.add(
                "%d tensors %s: %s%s"
                        .formatted(
                                names.size(),
                                kind,
                                String.join(", ", names.subList(0, named)),
                                rest));
    }
}
