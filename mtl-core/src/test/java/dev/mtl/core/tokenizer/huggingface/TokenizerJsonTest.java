package dev.mtl.core.tokenizer.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.mtl.core.MtlException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the native library would end the process at, at once or at the first unknown character. */
class TokenizerJsonTest {
    @TempDir Path folder;

    @Test
    void refusesAFileThatIsCutInsideTheDecoder() throws IOException {
        var json = TokenizerFiles.wordPiece(folder);
        var text = TokenizerFiles.JSON.writeValueAsString(json);
        assertRefused(text.substring(0, text.indexOf("\"decoder\"") + 25), "it is not JSON");
    }

    @Test
    void refusesAVocabularyWithoutTheUnknownToken() throws IOException {
        var json = TokenizerFiles.wordPiece(folder);
        var vocabulary = (ObjectNode) json.at("/model/vocab");
        vocabulary.set("[UNJ]", vocabulary.remove("[UNK]"));
        assertRefused(json, "model.unk_token: the vocabulary has no '[UNK]'");
    }

    @Test
    void refusesATemplateWithATokenThatIsNotThere() throws IOException {
        var json = TokenizerFiles.wordPiece(folder);
        ((ObjectNode) json.at("/post_processor/special_tokens")).remove("[SEP]");
        assertRefused(json, "special_tokens has no such token");
    }

    @Test
    void refusesATemplateOfOneTextThatNamesTheSecond() throws IOException {
        var json = TokenizerFiles.wordPiece(folder);
        ((ObjectNode) json.at("/post_processor/single/1/Sequence")).put("id", "B");
        assertRefused(json, "post_processor.single[1].Sequence.id");
    }

    @Test
    void refusesADecoderWithAKeyTwice() throws IOException {
        var text = TokenizerFiles.JSON.writeValueAsString(TokenizerFiles.wordPiece(folder));
        assertRefused(
                text.replace("\"decoder\":{", "\"decoder\":{\"type\":\"Fuse\",\"type\":\"Fuse\","),
                "key 'type' appears twice");
    }

    @Test
    void refusesHalfASurrogatePairAndANumberWithoutBound() throws IOException {
        var text = TokenizerFiles.JSON.writeValueAsString(TokenizerFiles.wordPiece(folder));
        assertRefused(
                text.replace("\"decoder\":{", "\"decoder\":{\"\\ud800\":1,"), "surrogate pair");
        assertRefused(
                text.replace("\"decoder\":{", "\"decoder\":{\"x\":1e999,"), "number is too large");
    }

    @Test
    void refusesAMergeThatIsShorterThanThePrefix() throws IOException {
        var json = TokenizerFiles.all(folder).getLast();
        ((ArrayNode) json.at("/model/merges/0")).set(1, "a</w>");
        assertRefused(json, "the vocabulary has no piece of these two");
    }

    @Test
    void refusesATableOfCharactersThatLeadsOutside() throws IOException {
        for (var charsmap : new String[] {"AAAA", "BAAAAP////8=", "!"}) {
            var json = TokenizerFiles.unigram();
            ((ObjectNode) json.at("/normalizer/normalizers/0"))
                    .put("precompiled_charsmap", charsmap);
            assertRefused(json, "normalizer.normalizers[0].precompiled_charsmap: it is damaged");
        }
    }

    @Test
    void refusesNormalizersThatMultiplyAText() throws IOException {
        var json = TokenizerFiles.unigram();
        var parts = (ArrayNode) json.at("/normalizer/normalizers");
        for (int i = 0; i < 10; i++) {
            var part = parts.addObject().put("type", "Replace").put("content", "aaaaaaaaaa");
            part.putObject("pattern").put("String", "a");
        }
        assertRefused(json, "normalizer: it may lengthen a text");
    }

    @Test
    void refusesAPatternThatTakesForever() throws IOException {
        for (var regex : new String[] {"(a+)+$", "(?:a|a)*b", "((ab)*c){2,}"}) {
            var json = TokenizerFiles.all(folder).get(3);
            ((ObjectNode) json.at("/pre_tokenizer/pretokenizers/5/pattern")).put("Regex", regex);
            assertRefused(json, "repeats a group");
        }
    }

    @Test
    void refusesIdsThatAreNotIds() throws IOException {
        for (var id : new Object[] {-1, 1L << 31, 1.5, "1"}) {
            var json = TokenizerFiles.wordPiece(folder);
            ((ObjectNode) json.at("/model/vocab")).putPOJO("the", id);
            assertRefused(json, "the id of 'the' is not an integer from 0");
        }
    }

    @Test
    void refusesALengthThatLeavesNoRoomForAText() throws IOException {
        var json = TokenizerFiles.wordPiece(folder);
        var pieces = (ArrayNode) json.at("/post_processor/single");
        pieces.add(pieces.get(0)).add(pieces.get(0));
        assertThatThrownBy(() -> TextTokenizer.load(write(json.toString()), 4))
                .isInstanceOf(MtlException.class)
                .hasMessageContaining("max_length 4 leaves no room for a text beside 4 special");
    }

    @Test
    void readsEveryKindOfTokenizer() throws IOException {
        for (var json : TokenizerFiles.all(folder)) {
            try (var tokenizer = TextTokenizer.load(write(json.toString()), 16)) {
                assertThat(tokenizer.encode("the ﬁ Ⅷ").length()).isGreaterThan(2);
            }
        }
    }

    private void assertRefused(ObjectNode json, String reason) throws IOException {
        assertRefused(TokenizerFiles.JSON.writeValueAsString(json), reason);
    }

    private void assertRefused(String text, String reason) throws IOException {
        var file = write(text);
        assertThatThrownBy(() -> TextTokenizer.load(file, 16))
                .isInstanceOf(MtlException.class)
                .hasMessageStartingWith(file + ": is not a tokenizer that can be read: ")
                .hasMessageContaining(reason);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("damaged.json"), text);
    }
}
