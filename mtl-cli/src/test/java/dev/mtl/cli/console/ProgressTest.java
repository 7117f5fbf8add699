package dev.mtl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

class ProgressTest {
    private static final String CLEAR = "\r\u001b[K";
    private static final String LONG =
            "step 12345 of 123456, epoch 12.34, loss 0.1234, 123456 tokens/s, 123:45:07 left";

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long nanos;

    private Progress progress(int columns) {
        return new Progress(
                new PrintStream(err, true, StandardCharsets.UTF_8), columns, () -> nanos);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private void after(double seconds) {
        nanos += (long) (seconds * 1e9);
    }

    @Test
    void withoutATerminalPrintsALineEveryFewSeconds() {
        var progress = progress(0);
        for (int i = 0; i < 11; i++) {
            progress.show("step " + i, 0.5);
            after(1);
        }
        progress.finished();
        progress.line("done");
        assertThat(said()).isEqualTo("mtl: step 0\nmtl: step 5\nmtl: step 10\nmtl: done\n");
    }

    @Test
    void withoutATerminalAnnouncesADownloadOnce() {
        var progress = progress(0);
        progress.started("model.onnx", 2_000_000);
        progress.advanced(1_000_000);
        after(5);
        progress.advanced(500_000);
        progress.finished();
        assertThat(said()).isEqualTo("mtl: model.onnx\nmtl: model.onnx 2 of 2 MB, 0 MB/s\n");
    }

    @Test
    void onATerminalTheBarIsRedrawnAndFinallyCleared() {
        var progress = progress(80);
        progress.show("half", 0.5);
        after(0.1); // too soon
        progress.show("never seen", 0.5);
        after(0.2);
        progress.show("all", 1);
        progress.line("done");
        assertThat(said())
                .isEqualTo(
                        CLEAR
                                + "[###############               ] half"
                                + CLEAR
                                + "[##############################] all"
                                + CLEAR
                                + "mtl: done\n");
    }

    @Test
    void aLineIsShorterThanTheTerminalIsWide() {
        for (int columns = 1; columns < 140; columns++) {
            err.reset();
            progress(columns).show(LONG, 0.5);
            assertThat(said().substring(CLEAR.length())).hasSizeLessThan(columns);
        }
        err.reset();
        progress(20).show("東京東京東京東京東京東京.txt", -1);
        assertThat(said()).isEqualTo(CLEAR + "東京東京東京東京東");
    }

    @Test
    void theBarGetsOnlyTheColumnsThatTheTextLeaves() {
        progress(LONG.length() + 1).show(LONG, 0.5);
        assertThat(said()).isEqualTo(CLEAR + LONG);
        err.reset();
        progress(LONG.length() + 14).show(LONG, 0.5);
        assertThat(said()).isEqualTo(CLEAR + "[#####     ] " + LONG);
    }

    @Test
    void readsTheTerminalWidthFromTheLauncher() {
        var before = System.getProperty(Terminal.COLUMNS);
        try {
            System.setProperty(Terminal.COLUMNS, "132");
            assertThat(Terminal.columns(Map.of())).isEqualTo(132);
            System.setProperty(Terminal.COLUMNS, "0");
            assertThat(Terminal.columns(Map.of("COLUMNS", "80"))).isZero();
        } finally {
            if (before == null) {
                System.clearProperty(Terminal.COLUMNS);
            } else {
                System.setProperty(Terminal.COLUMNS, before);
            }
        }
    }
}
