package dev.mtl.torch.trust;

import dev.mtl.torch.Autograd;
import dev.mtl.torch.RandomStream;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.error.TorchException;
import dev.mtl.torch.runtime.Threads;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Calls every public method of this module with {@link Arguments}, to be run in a JVM of its own.
 * Calls come in episodes, each on a new thread with its own tensors; an episode's calls depend on
 * the seed and its number alone, so that one can be repeated.
 */
final class Fuzzer {
    /** A call that takes longer hangs. */
    private static final long HANG_SECONDS = 60;

    private static final int CALLS_PER_EPISODE = 250;
    private static final int HUNG = 70;
    private static final int FAILED = 71;

    private final List<Executable> methods = PublicMethods.find();
    private final Map<String, Integer> exceptions = new TreeMap<>();
    private final Set<Executable> called = new LinkedHashSet<>();
    private final Set<Executable> returned = new LinkedHashSet<>();
    private final AtomicReference<String> current = new AtomicReference<>("nothing");
    private final boolean verbose;
    private volatile long since;
    private int calls;

    private Fuzzer(boolean verbose) {
        this.verbose = verbose;
    }

    /**
     * Makes calls, and ends with an exit code other than zero if one hung or left tensors alive.
     *
     * @param arguments seed, number of calls, number of the first episode; {@code verbose} prints
     *     each call before it is made
     */
    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[0]);
        int calls = Integer.parseInt(arguments[1]);
        int first = Integer.parseInt(arguments[2]);
        new Fuzzer(arguments.length > 3).run(seed, calls, first);
    }

    private void run(long seed, int count, int first) throws Exception {
        System.out.println("seed " + seed + ", " + methods.size() + " methods");
        try (var foreignScope = TensorScope.open()) {
            var foreign = Tensors.of(new float[] {1, 2, 3}, 3);
            long start = System.nanoTime();
            since = start;
            Thread.ofPlatform().daemon().start(this::watch);
            for (int episode = first; calls < count; episode++) {
                System.out.println("episode " + episode);
                episode(
                        new SplittableRandom(RandomStream.mix(seed, episode)),
                        foreignScope,
                        foreign);
            }
            System.out.printf(
                    "%d calls in %d s, of %d methods %d were called and %d returned; %s%n",
                    calls,
                    (System.nanoTime() - start) / 1_000_000_000,
                    methods.size(),
                    called.size(),
                    returned.size(),
                    exceptions);
            methods.stream()
                    .filter(method -> !returned.contains(method))
                    .forEach(method -> System.out.println("never returned: " + method));
        }
        if (Tensor.liveCount() != 0) {
            fail(Tensor.liveCount() + " tensors are alive in the end");
        }
    }

    private void episode(SplittableRandom random, TensorScope foreignScope, Tensor foreign)
            throws InterruptedException {
        long before = Tensor.liveCount();
        var thread =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try (var values = new Values(foreignScope)) {
                                        values.addForeign(foreign);
                                        calls(random, values);
                                    } catch (Throwable e) {
                                        e.printStackTrace(System.out);
                                        fail("the episode itself failed: " + e);
                                    }
                                });
        thread.join();
        if (Tensor.liveCount() != before) {
            fail((Tensor.liveCount() - before) + " tensors are alive after their scopes");
        }
    }

    private void calls(SplittableRandom random, Values values) {
        Threads.setForThisThread(1);
        var arguments = new Arguments(random, values);
        var recipes = new Recipes(random, values.shared);
        if (random.nextBoolean()) {
            values.keepOpen(Autograd.noGrad());
        }
        for (int i = 0; i < CALLS_PER_EPISODE; i++) {
            var method = methods.get(random.nextInt(methods.size()));
            var recipe = random.nextInt(4) == 0 ? null : recipe(method, recipes);
            if (recipe != null) {
                call(method, recipe.receiver(), recipe.arguments(), values);
                continue;
            }
            boolean needsReceiver =
                    method instanceof Method && !Modifier.isStatic(method.getModifiers());
            var receiver = needsReceiver ? receiver(method, values, random) : null;
            if (!needsReceiver || receiver != null) {
                call(method, receiver, arguments.of(method), values);
            }
        }
        Threads.setForThisThread(1);
    }

    /** Null if there is none, or making its arguments failed already. */
    private static Recipes.@Nullable Call recipe(Executable method, Recipes recipes) {
        try {
            var call = recipes.of(PublicMethods.name(method));
            return call != null && call.arguments().length >= method.getParameterCount()
                    ? new Recipes.Call(
                            call.receiver(),
                            Arrays.copyOf(call.arguments(), method.getParameterCount()))
                    : null;
        } catch (IllegalArgumentException | IllegalStateException | TorchException e) {
            return null;
        }
    }

    /** Methods of operator interfaces are called on tensors. */
    private static @Nullable Object receiver(
            Executable method, Values values, SplittableRandom random) {
        var type = method.getDeclaringClass();
        return values.any(type.isInterface() ? Tensor.class : type, random);
    }

    private void call(
            Executable method,
            @Nullable Object receiver,
            @Nullable Object[] arguments,
            Values values) {
        current.set(method.toString());
        since = System.nanoTime();
        calls++;
        called.add(method);
        if (verbose) {
            System.out.println(describe(method, receiver, arguments));
        }
        try {
            var result =
                    method instanceof Constructor<?> constructor
                            ? constructor.newInstance(arguments)
                            : ((Method) method).invoke(receiver, arguments);
            returned.add(method);
            if (result != receiver && result != null) {
                values.keepOpen(result);
                values.keep(result);
            }
        } catch (InvocationTargetException e) {
            thrown(method, e.getCause());
        } catch (IllegalArgumentException | ReflectiveOperationException e) {
            fail("cannot call " + describe(method, receiver, arguments) + ": " + e);
        }
    }

    /** Errors mean that something broke; out of memory is an answer to absurd sizes. */
    private void thrown(Executable method, Throwable cause) {
        exceptions.merge(cause.getClass().getSimpleName(), 1, Integer::sum);
        if (cause instanceof Error && !(cause instanceof OutOfMemoryError)) {
            cause.printStackTrace(System.out);
            fail(method + " threw " + cause);
        }
    }

    private static String describe(
            Executable method, @Nullable Object receiver, @Nullable Object[] arguments) {
        var text = new StringBuilder(PublicMethods.name(method)).append(" of ").append(receiver);
        for (var argument : arguments) {
            text.append(", ")
                    .append(
                            switch (argument) {
                                case long[] longs -> Arrays.toString(longs);
                                case int[] ints -> Arrays.toString(ints);
                                case null, default -> String.valueOf(argument);
                            });
        }
        return text.toString();
    }

    private void watch() {
        while (true) {
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                return;
            }
            if (System.nanoTime() - since > HANG_SECONDS * 1_000_000_000) {
                System.out.println("hangs: " + current.get());
                System.out.flush();
                Runtime.getRuntime().halt(HUNG);
            }
        }
    }

    private void fail(String reason) {
        System.out.println("failed in or after " + current.get() + ": " + reason);
        System.out.flush();
        Runtime.getRuntime().halt(FAILED);
    }
}
