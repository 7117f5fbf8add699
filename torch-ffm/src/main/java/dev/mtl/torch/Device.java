package dev.mtl.torch;

import dev.mtl.torch.error.TorchException;

/**
 * Where a tensor's memory is.
 *
 * @param type CPU or CUDA
 * @param index among the devices of that type, from 0; always 0 for {@link Type#CPU}
 */
public record Device(Type type, int index) {
    /** LibTorch keeps the index in eight bits with a sign. */
    private static final int MAX_INDEX = Byte.MAX_VALUE;

    /** Main memory. */
    public static final Device CPU = new Device(Type.CPU, 0);

    public Device {
        if (index < 0 || index > MAX_INDEX || (type == Type.CPU && index != 0)) {
            throw new IllegalArgumentException("no device " + type.text + ":" + index);
        }
    }

    /** Device types, with their numbers in {@code c10::DeviceType}. */
    public enum Type {
        CPU(0, "cpu"),
        CUDA(1, "cuda");

        private final int code;
        private final String text;

        Type(int code, String text) {
            this.code = code;
            this.text = text;
        }

        int code() {
            return code;
        }
    }

    /** The CUDA device with this index. */
    public static Device cuda(int index) {
        return new Device(Type.CUDA, index);
    }

    /**
     * Reads {@code cpu}, {@code cuda} or {@code cuda:N}.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static Device parse(String text) {
        if (text.equals("cpu")) {
            return CPU;
        }
        if (text.equals("cuda")) {
            return cuda(0);
        }
        if (text.matches("cuda:\\d{1,4}")) {
            return cuda(Integer.parseInt(text.substring(5)));
        }
        throw new IllegalArgumentException(
                "no device '" + text + "'; known: cpu, cuda, cuda:N (N from 0)");
    }

    static Device ofCodes(int type, int index) {
        for (var t : Type.values()) {
            if (t.code == type) {
                return t == Type.CPU ? CPU : new Device(t, index);
            }
        }
        throw new TorchException("LibTorch returned a tensor on an unknown device type: " + type);
    }

    public boolean isCpu() {
        return type == Type.CPU;
    }

    @Override
    public String toString() {
        return isCpu() ? "cpu" : type.text + ":" + index;
    }
}
