package dev.mtl.cli.option;

import dev.mtl.core.nn.Devices;
import dev.mtl.torch.Device;

import picocli.CommandLine.Option;

/** Where a model runs. */
public final class DeviceOption {
    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "auto|cpu|cuda|cuda:N",
            description =
                    "Where the model runs; auto takes a GPU if there is one. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String device = "auto";

    public String name() {
        return device;
    }

    public Device choose() {
        return Devices.choose(device);
    }
}
