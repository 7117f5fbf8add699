package dev.mtl.cli.option;

import dev.mtl.core.ConfigurationException;
import dev.mtl.core.nn.Precision;
import dev.mtl.torch.Device;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Device and precision of commands that do not train. */
public final class InferenceOptions {
    @Mixin private DeviceOption device = new DeviceOption();

    @Option(
            names = "--precision",
            defaultValue = "fp32",
            paramLabel = "fp32|int8",
            description =
                    "int8: linear layers in 8 bits, CPU only: faster and less exact, see"
                            + " docs/experiments/int8.md. Default: ${DEFAULT-VALUE}.")
    private Precision precision = Precision.FP32;

    public Precision precision() {
        return precision;
    }

    /**
     * The device to run on.
     *
     * @throws ConfigurationException if the precision is not for inference, or not for this device
     */
    public Device device() {
        return switch (precision) {
            case FP32 -> device.choose();
            case BF16 ->
                    throw new ConfigurationException(
                            "--precision bf16 is for training; known here: fp32, int8");
            case INT8 -> {
                if (!device.name().equals("auto") && !device.name().equals("cpu")) {
                    throw new ConfigurationException(
                            "--precision int8 is for the CPU: leave out --device " + device.name());
                }
                yield Device.CPU;
            }
        };
    }
}
