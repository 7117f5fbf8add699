import com.fasterxml.jackson.databind.json.JsonMapper;

import dev.mtl.core.head.HeadRegistry;
import dev.mtl.core.model.Embeddings;
import dev.mtl.core.model.ModelFiles;
import dev.mtl.core.nn.Mode;
import dev.mtl.core.tokenizer.PreTokenizedText;
import dev.mtl.torch.Autograd;
import dev.mtl.torch.Device;
import dev.mtl.torch.TensorScope;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Prints what a trained model computes for each line of stdin, as one line of JSON: token ids,
 * token embeddings, and every task's logits, row by row. Run by check_interchange.py and
 * check_export.py.
 */
final class TaskLogits {
    public static void main(String[] args) throws Exception {
        var json = JsonMapper.builder().build();
        var out = new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (var model = ModelFiles.load(Path.of(args[0]), HeadRegistry.load(), Device.CPU);
                var lines = new java.util.Scanner(System.in, StandardCharsets.UTF_8)) {
            while (lines.hasNextLine()) {
                var text = PreTokenizedText.of(lines.nextLine());
                try (var _ = TensorScope.open();
                        var _ = Autograd.noGrad()) {
                    var batch = model.batch(List.of(model.tokenizer().tokenize(text)));
                    var weights = model.parameters();
                    var tokens = model.encoder().forward(batch.tokens());
                    var logits = new LinkedHashMap<String, Object>();
                    model.heads(
                                    weights,
                                    Embeddings.ofTexts(tokens),
                                    batch,
                                    Mode.EVALUATION,
                                    model.tasks().keySet())
                            .forEach((task, scores) -> logits.put(task, scores.toFloats()));
                    var line = new LinkedHashMap<String, Object>();
                    line.put("ids", batch.tokens().encodings().getFirst().ids());
                    line.put("hidden", tokens.toFloats());
                    line.put("logits", logits);
                    out.println(json.writeValueAsString(line));
                }
            }
        }
    }
}
