package dev.mtl.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

class PrintingTest {
    @Test
    void printsInTheOrderOfTheStarts() {
        var printed = Collections.synchronizedList(new ArrayList<Integer>());
        try (var printing = new Printing()) {
            IntStream.range(0, 100).forEach(i -> printing.start(() -> printed.add(i)));
        }
        assertThat(printed).isEqualTo(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void theCallerGoesOnWhileResultsArePrinted() {
        var caller = new CountDownLatch(1);
        try (var printing = new Printing()) {
            printing.start(() -> waitFor(caller));
            caller.countDown(); // would never be reached if the start waited for its own end
        }
        assertThat(caller.getCount()).isZero();
    }

    @Test
    void aReaderThatHasGoneEndsTheNextStart() {
        try (var printing = new Printing()) {
            printing.start(
                    () -> {
                        throw new Results.ClosedPipe();
                    });
            assertThatThrownBy(() -> printing.start(() -> {}))
                    .isInstanceOf(Results.ClosedPipe.class);
        }
    }

    @Test
    void whatTheLastPrintingThrowsIsThrownByClosing() {
        assertThatThrownBy(
                        () -> {
                            try (var printing = new Printing()) {
                                printing.start(
                                        () -> {
                                            throw new IllegalStateException("full");
                                        });
                            }
                        })
                .hasMessage("full");
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
