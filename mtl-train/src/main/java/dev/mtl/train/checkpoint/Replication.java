package dev.mtl.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.nn.Parameters;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.DType;
import dev.mtl.torch.Device;
import dev.mtl.torch.Tensor;
import dev.mtl.torch.TensorScope;
import dev.mtl.torch.Tensors;
import dev.mtl.torch.memory.TensorBytes;
import dev.mtl.torch.optim.AdamW;
import dev.mtl.train.collective.Collective;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a checkpoint holds, given by process 0 to the others: they read no files. */
public final class Replication {
    private static final JsonMapper JSON = new JsonMapper();

    /** Elements that are sent at once. */
    private static final long CHUNK = 1 << 22;

    private Replication() {}

    /**
     * Gives all processes the state, the weights and the moments of process 0.
     *
     * @param parameters overwritten in the other processes
     * @param moments overwritten in the other processes
     * @return the state of process 0
     */
    public static TrainerState share(
            Collective processes,
            TrainerState state,
            Parameters parameters,
            DividedMoments moments) {
        var own = moments.toSend();
        var json = new LinkedHashMap<String, Object>();
        json.put("counters", state.toJson());
        json.put("moments", List.copyOf(own.keySet()));
        var header = read(processes.allGather(bytes(json)).getFirst());
        try (var _ = TensorScope.open();
                var _ = Autograd.noGrad()) {
            parameters.tensors().forEach(tensor -> send(processes, tensor));
            if (processes.rank() == 0) {
                own.values().forEach(each -> send(processes, each));
                moments.sent();
            } else {
                for (var name : header.path("moments")) {
                    receive(processes, name.asText(), parameters, moments);
                }
            }
        }
        return processes.rank() == 0 ? state : TrainerState.fromJson(header.path("counters"));
    }

    private static void receive(
            Collective processes, String name, Parameters parameters, DividedMoments moments) {
        try (var _ = TensorScope.open()) {
            var received = empty(parameters.get(name).shape());
            send(processes, received);
            moments.restore(Map.of(name, received));
        }
    }

    private static AdamW.Moments empty(long[] shape) {
        return new AdamW.Moments(
                Tensors.empty(DType.FLOAT32, Device.CPU, shape),
                Tensors.empty(DType.FLOAT32, Device.CPU, shape),
                Tensors.empty(DType.FLOAT32, Device.CPU));
    }

    private static void send(Collective processes, AdamW.Moments moments) {
        send(processes, moments.first());
        send(processes, moments.second());
        send(processes, moments.step());
    }

    private static void send(Collective processes, Tensor tensor) {
        var flat = tensor.view(-1);
        var chunks = new ArrayList<Tensor>();
        for (long start = 0; start < flat.numel(); start += CHUNK) {
            chunks.add(flat.slice(0, start, Math.min(flat.numel(), start + CHUNK)));
        }
        TensorBytes.use(chunks, processes::broadcast);
    }

    private static byte[] bytes(Map<String, Object> json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
