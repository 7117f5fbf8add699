package dev.mtl.train.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HexFormat;
import java.util.LinkedHashMap;

/** Against bytes that were put together by hand from the protobuf encoding's specification. */
class TensorBoardEventTest {
    private static final String TIME_1_5 = "09" + "000000000000f83f";

    private static String hex(byte[] message) {
        return HexFormat.of().formatHex(message);
    }

    @Test
    void writesTheVersionThatEveryFileBeginsWith() {
        assertThat(hex(TensorBoardEvent.fileVersion(1.5)))
                .isEqualTo(TIME_1_5 + "1a" + "0d" + "627261696e2e4576656e743a32");
    }

    @Test
    void writesTheStartOfASession() {
        assertThat(hex(TensorBoardEvent.sessionStart(1.5, 300)))
                .isEqualTo(TIME_1_5 + "10" + "ac02" + "3a" + "02" + "0801");
    }

    @Test
    void writesScalarsInOrderAsFloats() {
        var scalars = new LinkedHashMap<String, Double>();
        scalars.put("a/b", 0.5);
        scalars.put("ü", -2.0);

        assertThat(hex(TensorBoardEvent.scalars(1.5, 0, scalars)))
                .isEqualTo(
                        TIME_1_5
                                + ("10" + "00")
                                + ("2a" + "17")
                                + ("0a" + "0a" + "0a03612f62" + "150000003f")
                                + ("0a" + "09" + "0a02c3bc" + "15000000c0"));
    }
}
