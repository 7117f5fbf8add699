package dev.mtl.torch;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;

/**
 * The Java call for each operator of the golden values.
 *
 * @param inputs tensors by the names of their parameters, in their order
 * @param args what is not a tensor
 */
record GoldenCalls(Map<String, Tensor> inputs, JsonNode args) {

    List<Tensor> call(String operator) {
        if (operator.equals("max")) {
            var result = in("self").max(integer("dim"));
            return List.of(result.values(), result.indices());
        }
        return List.of(one(operator));
    }

    private Tensor one(String operator) {
        return switch (operator) {
            case "linear" -> in("input").linear(in("weight"), optional("bias"));
            case "embedding" -> in("weight").embedding(in("indices"));
            case "layer_norm" ->
                    in("input").layerNorm(optional("weight"), optional("bias"), number("eps"));
            case "scaled_dot_product_attention" ->
                    in("query").scaledDotProductAttention(in("key"), in("value"), optional("mask"));
            case "where" -> in("condition").where(in("self"), in("other"));
            case "cat" -> Tensors.cat(List.copyOf(inputs.values()), integer("dim"));
            case "stack" -> Tensors.stack(List.copyOf(inputs.values()), integer("dim"));
            default -> onSelf(operator, in("self"));
        };
    }

    private Tensor onSelf(String operator, Tensor self) {
        return switch (operator) {
            case "tanh" -> self.tanh();
            case "relu" -> self.relu();
            case "sigmoid" -> self.sigmoid();
            case "silu" -> self.silu();
            case "exp" -> self.exp();
            case "log" -> self.log();
            case "sqrt" -> self.sqrt();
            case "neg" -> self.neg();
            case "abs" -> self.abs();
            case "square" -> self.square();
            case "norm" -> self.norm();
            case "contiguous" -> self.contiguous();
            case "logical_not" -> self.logicalNot();
            case "gelu" -> text("approximate").equals("tanh") ? self.geluTanh() : self.gelu();
            case "softmax" -> self.softmax(integer("dim"));
            case "log_softmax" -> self.logSoftmax(integer("dim"));
            case "to" -> self.to(DType.valueOf(text("dtype").toUpperCase(Locale.ROOT)));
            case "clamp" -> self.clamp(in("min"), in("max"));
            case "pow" -> self.pow(in("exponent"));
            case "masked_fill" -> self.maskedFill(in("mask"), in("value"));
            case "sum", "mean", "amax", "argmax", "logsumexp", "cumsum" -> reduce(operator, self);
            case "mse_loss",
                    "huber_loss",
                    "binary_cross_entropy_with_logits",
                    "cross_entropy_loss" ->
                    loss(operator, self);
            case "view",
                    "reshape",
                    "permute",
                    "transpose",
                    "select",
                    "slice",
                    "index_select",
                    "gather",
                    "unsqueeze",
                    "squeeze",
                    "expand" ->
                    rearrange(operator, self);
            default -> withOther(operator, self, in("other"));
        };
    }

    private Tensor withOther(String operator, Tensor self, Tensor other) {
        return switch (operator) {
            case "add" -> self.add(other);
            case "sub" -> self.sub(other);
            case "mul" -> self.mul(other);
            case "div" -> self.div(other);
            case "minimum" -> self.minimum(other);
            case "maximum" -> self.maximum(other);
            case "matmul" -> self.matmul(other);
            case "bmm" -> self.bmm(other);
            case "eq" -> self.eq(other);
            case "ne" -> self.ne(other);
            case "gt" -> self.gt(other);
            case "ge" -> self.ge(other);
            case "lt" -> self.lt(other);
            case "le" -> self.le(other);
            case "logical_and" -> self.logicalAnd(other);
            case "logical_or" -> self.logicalOr(other);
            case "cosine_similarity" -> self.cosineSimilarity(other, integer("dim"));
            default -> throw new IllegalArgumentException("no call for operator " + operator);
        };
    }

    private Tensor reduce(String operator, Tensor self) {
        return switch (operator) {
            case "sum" -> {
                if (!args.has("dim")) {
                    yield self.sum();
                }
                yield args.get("keepdim").booleanValue()
                        ? self.sumKeepingDims(ints("dim"))
                        : self.sum(ints("dim"));
            }
            case "mean" -> args.has("dim") ? self.mean(ints("dim")) : self.mean();
            case "amax" -> self.amax(ints("dim"));
            case "argmax" -> self.argmax(integer("dim"));
            case "logsumexp" -> self.logsumexp(ints("dim"));
            case "cumsum" -> self.cumsum(integer("dim"));
            default -> throw new IllegalArgumentException("no call for operator " + operator);
        };
    }

    private Tensor rearrange(String operator, Tensor self) {
        return switch (operator) {
            case "view" -> self.view(longs("size"));
            case "reshape" -> self.reshape(longs("shape"));
            case "permute" -> self.permute(longs("dims"));
            case "transpose" -> self.transpose(integer("dim0"), integer("dim1"));
            case "select" -> self.select(integer("dim"), integer("index"));
            case "slice" -> self.slice(integer("dim"), integer("start"), integer("end"));
            case "index_select" -> self.indexSelect(integer("dim"), in("index"));
            case "gather" -> self.gather(integer("dim"), in("index"));
            case "unsqueeze" -> self.unsqueeze(integer("dim"));
            case "squeeze" -> self.squeeze(integer("dim"));
            case "expand" -> self.expand(longs("size"));
            default -> throw new IllegalArgumentException("no call for operator " + operator);
        };
    }

    private Tensor loss(String operator, Tensor self) {
        var target = in("target");
        var reduction = Losses.Reduction.valueOf(text("reduction").toUpperCase(Locale.ROOT));
        return switch (operator) {
            case "mse_loss" -> self.mseLoss(target, reduction);
            case "huber_loss" -> self.huberLoss(target, reduction, number("delta"));
            case "binary_cross_entropy_with_logits" ->
                    self.binaryCrossEntropyWithLogits(target, reduction);
            case "cross_entropy_loss" ->
                    self.crossEntropy(
                            target, optional("weight"), reduction, number("label_smoothing"));
            default -> throw new IllegalArgumentException("no call for operator " + operator);
        };
    }

    private Tensor in(String name) {
        return Objects.requireNonNull(inputs.get(name), "no input " + name);
    }

    private @Nullable Tensor optional(String name) {
        return inputs.get(name);
    }

    private JsonNode argument(String name) {
        return Objects.requireNonNull(args.get(name), "no argument " + name);
    }

    private int integer(String name) {
        return argument(name).intValue();
    }

    private double number(String name) {
        return argument(name).doubleValue();
    }

    private String text(String name) {
        return argument(name).textValue();
    }

    private int[] ints(String name) {
        return StreamSupport.stream(argument(name).spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    private long[] longs(String name) {
        return StreamSupport.stream(argument(name).spliterator(), false)
                .mapToLong(JsonNode::longValue)
                .toArray();
    }
}
