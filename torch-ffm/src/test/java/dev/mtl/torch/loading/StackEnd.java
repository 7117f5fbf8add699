package dev.mtl.torch.loading;

import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;

/** The first native calls of a process, made where a little more stack is left each time. */
final class StackEnd {
    private static int attempts;
    private static boolean done;

    private StackEnd() {}

    static void start() {
        TensorScope.shared().close();
        try {
            descend();
        } catch (StackOverflowError e) {
            // expected, in more places than can be counted
        }
        System.out.println("the stack ended " + attempts + " times");
        System.out.println("then " + compute());
    }

    /** Tries on the way back as well, from the last frame up, until there is stack enough. */
    private static void descend() {
        try {
            descend();
        } catch (StackOverflowError e) {
            // go on, with the stack of one more frame
        }
        if (!done) {
            attempts++;
            compute();
            done = true;
        }
    }

    private static double compute() {
        try (var _ = TensorScope.open()) {
            return Tensors.of(new float[] {1, 2, 3}, 3).add(0).sum().item();
        }
    }
}
