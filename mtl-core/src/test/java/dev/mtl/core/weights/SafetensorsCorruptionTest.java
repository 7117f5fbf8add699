package dev.mtl.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Files that no writer should have made, each with one thing wrong, and odd ones that are right.
 */
class SafetensorsCorruptionTest {
    private static final String GOOD = "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}";

    @TempDir Path folder;

    static Stream<SafetensorsFile> badFiles() {
        return Stream.of(lengths(), texts(), fields(), numbers(), layouts()).flatMap(s -> s);
    }

    private static Stream<SafetensorsFile> lengths() {
        var good = SafetensorsFile.of("a length of 2^64 - 1", GOOD, 8, "cut short");
        var header = good.header().length;
        return Stream.of(
                good.withLength(-1),
                named("a length of 2^63", good).withLength(Long.MIN_VALUE),
                named("a length of 2^63 - 1", good).withLength(Long.MAX_VALUE),
                named("a length of 2^32", good).withLength(1L << 32),
                named("a length one byte past the file", good).withLength(header + 9L),
                named("a length of 100 MB in a small file", good).withLength(100_000_000),
                SafetensorsFile.of("a length one too small", GOOD, 8, "not valid JSON")
                        .withLength(header - 1L),
                SafetensorsFile.of("a length that takes a byte of the data", GOOD, 8, "not valid")
                        .withLength(header + 1L),
                SafetensorsFile.of("a big-endian length", GOOD, 8, "cut short")
                        .withLength(Long.reverseBytes(header)),
                SafetensorsFile.of("a length of 0", GOOD, 8, "begin with '{'").withLength(0),
                SafetensorsFile.of("an empty object before data", "{}", 1, "1 bytes after the"));
    }

    private static SafetensorsFile named(String name, SafetensorsFile file) {
        return new SafetensorsFile(name, file.length(), file.header(), file.data(), file.reason());
    }

    private static Stream<SafetensorsFile> texts() {
        return Stream.of(
                SafetensorsFile.of("a space before the brace", " " + GOOD, 8, "begin with '{'"),
                SafetensorsFile.of("a byte order mark", "\uFEFF" + GOOD, 8, "begin with '{'"),
                SafetensorsFile.ofBytes("UTF-16", "{\0'\0a\0'\0:\0", 8, "not valid JSON"),
                SafetensorsFile.ofBytes(
                        "a byte that UTF-8 never has",
                        GOOD.replace("'a'", "'\u00ff'"),
                        8,
                        "not UTF-8"),
                SafetensorsFile.ofBytes(
                        "an overlong '/'", GOOD.replace("'a'", "'\u00c0\u00af'"), 8, "not UTF-8"),
                SafetensorsFile.ofBytes(
                        "a surrogate in UTF-8",
                        GOOD.replace("'a'", "'\u00ed\u00a0\u0080'"),
                        8,
                        "not UTF-8"),
                SafetensorsFile.of(
                        "half a character in a name",
                        GOOD.replace("'a'", "'\\ud800'"),
                        8,
                        "unpaired surrogate in a name"),
                SafetensorsFile.of(
                        "half a character in the metadata",
                        "{'__metadata__':{'k':'\\udc00x'}}",
                        0,
                        "unpaired surrogate in metadata 'k'"),
                SafetensorsFile.of("zeros for padding", GOOD + "\0\0", 8, "not valid JSON"),
                SafetensorsFile.of("a second object", GOOD + "{}", 8, "has more after"),
                SafetensorsFile.of("a comment", GOOD + "/* a */", 8, "not valid JSON"),
                SafetensorsFile.of("a comma at the end", GOOD.replace("}}", "}},"), 8, "JSON"),
                SafetensorsFile.of("no last brace", GOOD.replace("}}", "}"), 8, "not valid JSON"),
                SafetensorsFile.of("a line break in a name", GOOD.replace("a'", "\n'"), 8, "JSON"),
                nested("10,000 lists deep in an unknown field", "[", "]"),
                nested("10,000 objects deep in an unknown field", "{'x':", "}"),
                SafetensorsFile.of(
                        "100,000 lists for a shape",
                        GOOD.replace("[2]", "[".repeat(100_000)),
                        8,
                        "bad shape"),
                SafetensorsFile.of("100,000 braces", "{'a':".repeat(100_000), 8, "not valid JSON"));
    }

    private static SafetensorsFile nested(String name, String open, String close) {
        var value = open.repeat(10_000) + "0" + close.repeat(10_000);
        return SafetensorsFile.of(
                name, GOOD.replace("'dtype'", "'x':" + value + ",'dtype'"), 8, "nesting depth");
    }

    private static Stream<SafetensorsFile> fields() {
        return Stream.of(
                SafetensorsFile.of("a tensor that is a number", "{'a':1}", 8, "not a JSON object"),
                SafetensorsFile.of("a tensor that is null", "{'a':null}", 8, "not a JSON object"),
                SafetensorsFile.of("a tensor that is a list", "{'a':[]}", 8, "not a JSON object"),
                SafetensorsFile.of("an empty tensor object", "{'a':{}}", 8, "has no 'dtype'"),
                changed("no dtype", "'dtype':'F32',", "", "has no 'dtype'"),
                changed("a dtype in small letters", "F32", "f32", "'f32' is not supported"),
                changed("an unsigned type", "F32", "U32", "'U32' is not supported"),
                changed("a complex type", "F32", "C64", "'C64' is not supported"),
                changed("half a byte", "F32", "F4", "'F4' is not supported"),
                changed("an empty dtype", "F32", "", "'' is not supported"),
                changed("a dtype that is a number", "'F32'", "32", "dtype is not a string"),
                changed("a dtype that is null", "'F32'", "null", "dtype is not a string"),
                changed("a dtype that is a list", "'F32'", "['F32']", "dtype is not a string"),
                changed("no shape", "'shape':[2],", "", "has no list 'shape'"),
                changed("a shape that is a number", "[2]", "2", "has no list 'shape'"),
                changed("a shape that is null", "[2]", "null", "has no list 'shape'"),
                changed("offsets that are a string", "[0,8]", "'0,8'", "no list 'data_offsets'"),
                changed("two dtypes", "'dtype'", "'dtype':'I64','dtype'", "Duplicate"),
                changed("two shapes", "'shape'", "'shape':[2],'shape'", "Duplicate"),
                changed("two offsets", "'data_off", "'data_offsets':[0,8],'data_off", "Duplicate"),
                SafetensorsFile.of(
                        "one name, written twice in two ways",
                        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                                + "'\\u0061':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}}",
                        2,
                        "Duplicate field 'a'"),
                SafetensorsFile.of(
                        "metadata twice", "{'__metadata__':{},'__metadata__':{}}", 0, "Duplicate"),
                SafetensorsFile.of(
                        "a key of the metadata twice",
                        "{'__metadata__':{'k':'1','k':'2'}}",
                        0,
                        "Duplicate"),
                SafetensorsFile.of(
                        "metadata that is null", "{'__metadata__':null}", 0, "not a JSON object"),
                SafetensorsFile.of(
                        "metadata with an object",
                        "{'__metadata__':{'k':{}}}",
                        0,
                        "metadata 'k' is not a string"));
    }

    private static Stream<SafetensorsFile> numbers() {
        return Stream.of(
                changed("minus zero in the shape", "[2]", "[-0,2]", "bad shape"),
                changed("two negative sizes", "[2]", "[-1,-2]", "bad shape"),
                changed("a size of 2.0", "[2]", "[2.0]", "bad shape"),
                changed("a size of 2e0", "[2]", "[2e0]", "bad shape"),
                changed("a size in quotes", "[2]", "['2']", "bad shape"),
                changed("a size that is null", "[2]", "[null]", "bad shape"),
                changed("a size that is true", "[2]", "[2,true]", "bad shape"),
                changed("a list in the shape", "[2]", "[[2]]", "bad shape"),
                changed("a leading zero", "[2]", "[02]", "not valid JSON"),
                changed("a plus sign", "[2]", "[+2]", "not valid JSON"),
                changed("hexadecimal", "[2]", "[0x2]", "not valid JSON"),
                changed("not a number", "[2]", "[NaN]", "not valid JSON"),
                changed("a size of 2^63", "[2]", "[9223372036854775808]", "bad shape"),
                changed("a size of 2^64 + 2", "[2]", "[18446744073709551618]", "bad shape"),
                changed("a size of 5,000 digits", "[2]", "[" + "9".repeat(5000) + "]", "JSON"),
                changed(
                        "sizes whose bytes overflow to 8",
                        "[2]",
                        "[6,768614336404564651]",
                        "bad shape"),
                changed("sizes whose bytes overflow to 0", "[2]", "[4294967296,4294967296]", "bad"),
                changed("an overflow times zero", "[2]", "[9223372036854775807,4,0]", "bad shape"),
                changed("a size of 2^62", "[2]", "[4611686018427387904]", "bad shape"),
                changed("65 dimensions", "[2]", "[2" + ",1".repeat(64) + "]", "more than 64"),
                changed("a negative start", "[0,8]", "[-8,0]", "bad data_offsets"),
                changed("an offset of 2^63", "[0,8]", "[0,9223372036854775808]", "bad data_off"),
                changed("an offset of 8.0", "[0,8]", "[0,8.0]", "bad data_offsets"),
                changed("three offsets", "[0,8]", "[0,8,8]", "bad data_offsets"),
                changed("no offsets", "[0,8]", "[]", "bad data_offsets"),
                changed("an end at 2^63 - 1", "[0,8]", "[0,9223372036854775807]", "give 92233"),
                changed(
                        "a tensor at the end of all longs",
                        "[0,8]",
                        "[9223372036854775799,9223372036854775807]",
                        "follows a hole"));
    }

    private static Stream<SafetensorsFile> layouts() {
        return Stream.of(
                two("two tensors on the same bytes", "[0,4]", "[0,4]", 4, "overlaps"),
                two("an overlap of one byte", "[0,4]", "[3,7]", 8, "overlaps"),
                two("a hole of one byte between two", "[0,4]", "[5,9]", 9, "follows a hole"),
                two("a hole at the start", "[4,8]", "[8,12]", 12, "follows a hole"),
                two("one byte missing", "[0,4]", "[4,8]", 7, "cut short"),
                two("one byte too many", "[0,4]", "[4,8]", 9, "1 bytes after the last tensor"),
                two("one tensor inside the other", "[0,4]", "[1,5]", 5, "overlaps"),
                SafetensorsFile.of(
                        "an empty tensor past the end",
                        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[4,4]}}",
                        0,
                        "follows a hole"),
                SafetensorsFile.of(
                        "an empty tensor inside another",
                        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
                                + "'e':{'dtype':'F32','shape':[0],'data_offsets':[4,4]}}",
                        8,
                        "overlaps"),
                SafetensorsFile.of(
                        "an empty shape over no bytes",
                        "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,0]}}",
                        0,
                        "need 4"));
    }

    private static SafetensorsFile changed(String name, String from, String to, String reason) {
        assertThat(GOOD).contains(from);
        return SafetensorsFile.of(name, GOOD.replace(from, to), 8, reason);
    }

    private static SafetensorsFile two(
            String name, String first, String second, int dataBytes, String reason) {
        var header =
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':%s},'b':{'dtype':'F32','shape':[1],'data_offsets':%s}}";
        return SafetensorsFile.of(name, header.formatted(first, second), dataBytes, reason);
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void rejectsABadFile(SafetensorsFile bad) throws IOException {
        var file = bad.write(folder.resolve("bad.safetensors"));

        assertThatThrownBy(() -> SafetensorsReader.open(file))
                .isInstanceOf(WeightFileException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(bad.reason());
    }

    @Test
    void rejectsAFolderInPlaceOfAFile() {
        assertThatThrownBy(() -> SafetensorsReader.open(folder))
                .isInstanceOf(WeightFileException.class)
                .hasMessageStartingWith(folder + ": ");
    }

    @Test
    void rejectsAHeaderOfMoreThan100MegabytesEvenWhereTheFileHasThem() throws IOException {
        var file = SafetensorsFile.of("", GOOD, 8, "").withLength(100_000_001);
        var path = file.write(folder.resolve("long.safetensors"));
        extend(path, 200_000_000);

        assertThatThrownBy(() -> SafetensorsReader.open(path))
                .isInstanceOf(WeightFileException.class)
                .hasMessageContaining("its header should have 100000001 bytes");
    }

    @Test
    void namesTheTensorInWhichAFileEndsThatShrinksWhileItIsOpen() throws IOException {
        var path = SafetensorsFile.of("", GOOD, 8, "").write(folder.resolve("a.safetensors"));
        try (var reader = SafetensorsReader.open(path)) {
            extend(path, Files.size(path) - 3);

            assertThatThrownBy(() -> reader.read("a"))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessage(path + ": ends at byte 67, inside tensor 'a'");
        }
    }

    /** A sparse file: eight gigabytes that take no room on the disk. */
    @Test
    void readsATensorThatLiesBehindEightGigabytes() throws IOException {
        var bulk = 9_000_000_001L;
        var header =
                "{'bulk':{'dtype':'U8','shape':[%d],'data_offsets':[0,%d]},'last':{'dtype':'F32','shape':[2],'data_offsets':[%d,%d]}}"
                        .formatted(bulk, bulk, bulk, bulk + 8);
        var made = SafetensorsFile.of("", header, 0, "");
        var path = made.write(folder.resolve("large.safetensors"));
        extend(path, 8 + made.length() + bulk + 8);
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(8 + made.length() + bulk);
            var values = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            file.write(values.putFloat(1.5f).putFloat(-2.5f).array());
        }

        try (var reader = SafetensorsReader.open(path)) {
            assertThat(reader.info("bulk").bytes()).isEqualTo(bulk);
            assertThat(reader.read("last").getFloat(0)).isEqualTo(1.5f);
            assertThat(reader.read("last").getFloat(4)).isEqualTo(-2.5f);
            assertThatThrownBy(() -> reader.read("bulk"))
                    .isInstanceOf(WeightFileException.class)
                    .hasMessageContaining("more than a buffer");
        }
    }

    @Test
    void readsWhatIsOddButRight() throws IOException {
        // Padding of every kind that JSON has, an unknown field, elements that are not aligned,
        // empty tensors between others, and names that need escapes.
        var header =
                "{ 'b\\n"
                    + "\\u00e9' :"
                    + " {'new':[{}],'shape':[1],'dtype':'I16','data_offsets':[1,3]},'e':{'dtype':'I64','shape':[1000000000000,0],'data_offsets':[1,1]},'a':{'dtype':'BOOL','shape':[1,1],'data_offsets':[0,1]}}\n"
                    + "\t ";
        var made = SafetensorsFile.of("", header, 0, "");
        var data = new byte[] {1, 2, 3};
        var path =
                new SafetensorsFile("", made.length(), made.header(), data, "")
                        .write(folder.resolve("odd.safetensors"));

        try (var reader = SafetensorsReader.open(path)) {
            assertThat(reader.tensors().keySet()).containsExactly("a", "e", "b\n\u00e9");
            assertThat(reader.read("b\n\u00e9").getShort()).isEqualTo((short) 0x302);
            assertThat(reader.read("e").remaining()).isZero();
        }
    }

    private static void extend(Path path, long length) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(length);
        }
    }
}
