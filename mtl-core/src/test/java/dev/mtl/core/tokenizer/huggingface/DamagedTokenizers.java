package dev.mtl.core.tokenizer.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.core.weights.Mutator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A process that loads damaged tokenizers and encodes texts with those that load. Its arguments:
 * folder, seed, count. The file {@code at} says which one it is at, for the case that it dies.
 */
final class DamagedTokenizers {
    private static final List<String> TEXTS =
            List.of(
                    "the quick room",
                    "",
                    " ",
                    "Zürich é ① ﬁ Ⅷ e\u0301",
                    "你好 world \uD83D\uDE00\uD83D\uDE00",
                    "\u0000\u0001\u200b\u00a0\t\n",
                    "a-b,c.d!1234 [MASK] <mask> <s> [UNK]",
                    "x".repeat(300),
                    "a ".repeat(200));
    private static final String[] STRINGS = {
        "", " ", "a", "▁", "##", "[UNK]", "\uD800", "(a|a)*$", "Sequence", "Precompiled", "é", "A"
    };

    private final SplittableRandom random;
    private final Mutator mutator;

    private DamagedTokenizers(long seed) {
        random = new SplittableRandom(seed);
        mutator = new Mutator(random);
    }

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        var folder = Path.of(arguments[0]);
        int count = Integer.parseInt(arguments[2]);
        var damaged = new DamagedTokenizers(Long.parseLong(arguments[1]));
        var seeds = TokenizerFiles.all(folder);
        var file = folder.resolve("damaged.json");
        int loaded = 0;
        for (int i = 0; i < count; i++) {
            Files.write(file, damaged.damage(seeds.get(i % seeds.size())));
            Files.writeString(folder.resolve("at"), String.valueOf(i));
            loaded += use(file) ? 1 : 0;
        }
        System.out.printf("%d damaged tokenizers, %d of them loaded%n", count, loaded);
    }

    /** Whether a tokenizer loads; what it throws while it encodes must be our exception. */
    private static boolean use(Path file) {
        TextTokenizer tokenizer;
        try {
            tokenizer = TextTokenizer.load(file, 16);
        } catch (MtlException e) {
            return false;
        }
        try (tokenizer) {
            var words = TEXTS.stream().map(PreTokenizedText::of).toList();
            TEXTS.forEach(tokenizer::encode);
            tokenizer.encodeBatch(TEXTS);
            tokenizer.tokenize(words);
            tokenizer.countTokens(TEXTS.getFirst());
        } catch (MtlException e) {
            return true;
        }
        return true;
    }

    private byte[] damage(ObjectNode seed) throws IOException {
        if (random.nextInt(4) == 0) {
            return mutator.mutate(TokenizerFiles.JSON.writeValueAsBytes(seed));
        }
        var copy = seed.deepCopy();
        for (int i = 1 + random.nextInt(4) / 3; i > 0; i--) {
            change(copy);
        }
        return TokenizerFiles.JSON.writeValueAsBytes(copy);
    }

    /** Changes one value somewhere, more often one that is not deep. */
    private void change(ObjectNode root) {
        JsonNode parent = root;
        while (true) {
            var children = new ArrayList<JsonNode>();
            parent.forEach(children::add);
            var inner = children.stream().filter(c -> c.isContainerNode() && !c.isEmpty()).toList();
            if (inner.isEmpty() || random.nextInt(4) == 0) {
                break;
            }
            parent = inner.get(random.nextInt(inner.size()));
        }
        if (parent instanceof ObjectNode object) {
            var names = new ArrayList<String>();
            object.fieldNames().forEachRemaining(names::add);
            var name = names.get(random.nextInt(names.size()));
            if (random.nextInt(5) == 0) {
                object.remove(name);
                if (random.nextBoolean()) {
                    object.set(STRINGS[random.nextInt(STRINGS.length)], value(root));
                }
            } else {
                object.set(name, other(object.get(name), root));
            }
            if (object.isEmpty()) {
                object.put("type", "Sequence");
            }
        } else if (parent instanceof ArrayNode array) {
            int index = random.nextInt(array.size());
            switch (random.nextInt(3)) {
                case 0 -> array.remove(index);
                case 1 -> array.insert(index, value(root));
                default -> array.set(index, other(array.get(index), root));
            }
        }
    }

    /** Mostly another value of the same type, so that many of the tokenizers still load. */
    private JsonNode other(JsonNode value, ObjectNode root) {
        var nodes = TokenizerFiles.JSON.getNodeFactory();
        if (random.nextInt(4) == 0) {
            return value(root);
        }
        if (value.isTextual()) {
            var text = value.textValue();
            int from = text.isEmpty() ? 0 : random.nextInt(text.length());
            int to = Math.min(text.length(), from + random.nextInt(2));
            var changed = text.isEmpty() || random.nextInt(3) == 0 ? "(" : flipped(text, from);
            return nodes.textNode(text.substring(0, from) + changed + text.substring(to));
        }
        if (value.isBoolean()) {
            return nodes.booleanNode(!value.booleanValue());
        }
        if (value.isIntegralNumber()) {
            return nodes.numberNode(value.longValue() + random.nextInt(-2, 5));
        }
        return value instanceof ArrayNode array && array.size() > 1 ? shorter(array) : value(root);
    }

    private static JsonNode shorter(ArrayNode value) {
        var copy = value.deepCopy();
        copy.remove(copy.size() - 1);
        return copy;
    }

    private String flipped(String text, int at) {
        return String.valueOf((char) (text.charAt(at) ^ 1 << random.nextInt(7)));
    }

    private JsonNode value(ObjectNode root) {
        var nodes = TokenizerFiles.JSON.getNodeFactory();
        return switch (random.nextInt(11)) {
            case 0 -> nodes.nullNode();
            case 1 -> nodes.booleanNode(random.nextBoolean());
            case 2 -> nodes.numberNode(random.nextInt(12));
            case 3 -> nodes.numberNode(-1);
            case 4 -> nodes.numberNode(random.nextLong() >>> random.nextInt(64));
            case 5 -> nodes.numberNode(random.nextDouble() * 100);
            case 6 -> nodes.objectNode();
            case 7 -> nodes.arrayNode();
            case 8 -> nodes.textNode(STRINGS[random.nextInt(STRINGS.length)]);
            default -> elsewhere(root);
        };
    }

    /** A copy of a value of the same file. */
    private JsonNode elsewhere(JsonNode root) {
        var values = root.findValues(random.nextBoolean() ? "type" : "id");
        var parts = new ArrayList<JsonNode>(values);
        root.forEach(parts::add);
        var part = parts.get(random.nextInt(parts.size()));
        return part.toString().length() > 5000 ? root.path("decoder").deepCopy() : part.deepCopy();
    }
}
