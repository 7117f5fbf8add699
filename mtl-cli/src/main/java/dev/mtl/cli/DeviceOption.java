package dev.mtl.cli;

import dev.mtl.core.nn.Devices;
import dev.mtl.torch.Device;

import picocli.CommandLine.Option;

/** Where a model runs. */
final class DeviceOption {
    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "auto|cpu|cuda|cuda:N",
            description =
                    "Where the model runs; auto takes a GPU if there is one. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String device = "auto";

    String name() {
        return device;
    }

    Device choose() {
        return Devices.choose(device);
    }
}
