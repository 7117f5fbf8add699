"""Figures of single operators, forward and backward, for OperatorGoldenTest.

Run:    python golden_operators.py
Writes: torch-ffm/src/test/resources/dev/mtl/torch/operators.json

    {"cases": [{"name":     what is special about the case,
                "operator": PyTorch's name,
                "inputs":   [{"name", "dtype", "shape", "values",
                              "grad":       [...] or null where there is none,
                              "transposed": [i, j], only where the input is not contiguous: its memory
                                            holds dimensions i and j exchanged; shape, values and grad
                                            are given as the operator sees them}],
                "args":     arguments that are not tensors,
                "outputs":  [{"dtype", "shape", "values"}],
                "outputGradient": [...] the weights w in sum(outputs[0] * w), whose gradients the inputs
                                  hold; null where the output has no gradient}],
     "draws": [{"seed", "steps": [{"operator", "args", "shape", "values"}]}]}

Float inputs, args and weights are multiples of 1/128, so that float32 and float64 hold them exactly; outputs
and gradients are computed in float64 and written in full: a test in float64 can ask for 1e-12, one in float32
for its own rounding. "float" stands for either; booleans are 0 and 1. Draws are float32, each list of steps after one seed.
"""

import torch
import torch.nn.functional as F

from golden_common import HEADER, described, numbers, one_thread, portable_dropout, write_json

GENERATOR = torch.Generator()
CASES = []


def rand(*shape, low=-2.0, high=2.0):
    """Float64 multiples of 1/128 in [low, high), all different."""
    count = 1
    for size in shape:
        count *= size
    steps = torch.randperm(int((high - low) * 128), generator=GENERATOR)[:count]
    return (low + steps.to(torch.float64) / 128).reshape(shape)


def ints(*values):
    return torch.tensor(values)


def bools(*values):
    return torch.tensor(values, dtype=torch.bool)


def transposed(tensor, first, second):
    """The same elements in memory that holds two dimensions exchanged."""
    view = tensor.transpose(first, second).contiguous().transpose(first, second)
    view.exchanged = [first, second]
    return view


def case(name, operator, function, inputs, args=None, gradient=True):
    """Runs function(*inputs, **args) and keeps what went in and came out.

    inputs: tensors by name; None for an optional one that is left out.
    """
    args = args or {}
    leaves = {
        key: value.detach().requires_grad_(gradient and value.is_floating_point())
        for key, value in inputs.items()
        if value is not None
    }
    result = function(*[leaves.get(key) for key in inputs], **args)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    weights = None
    if gradient:
        weights = rand(*outputs[0].shape, low=-1.0, high=1.0)
        (outputs[0] * weights).sum().backward()
    described_inputs = []
    for key, leaf in leaves.items():
        entry = {"name": key} | float_as_any(described(leaf))
        entry["grad"] = None if leaf.grad is None else numbers(leaf.grad)
        if hasattr(inputs[key], "exchanged"):
            entry["transposed"] = inputs[key].exchanged
        described_inputs.append(entry)
    CASES.append(
        {
            "name": name,
            "operator": operator,
            "inputs": described_inputs,
            "args": args,
            "outputs": [float_as_any(described(output)) for output in outputs],
            "outputGradient": None if weights is None else numbers(weights),
        }
    )


def float_as_any(entry):
    return entry | {"dtype": "float"} if entry["dtype"] == "float64" else entry


def unary():
    plain = {
        "tanh": torch.tanh,
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "silu": F.silu,
        "exp": torch.exp,
        "neg": torch.neg,
        "abs": torch.abs,
        "square": torch.square,
    }
    for operator, function in plain.items():
        case("3 dimensions", operator, function, {"self": rand(2, 3, 4)})
        case("not contiguous", operator, function, {"self": transposed(rand(3, 4), 0, 1)})
    for operator, function in {"log": torch.log, "sqrt": torch.sqrt}.items():
        case("positive numbers", operator, function, {"self": rand(2, 3, 4, low=0.25, high=4.0)})
    for approximate in ("none", "tanh"):
        args = {"approximate": approximate}
        case(approximate, "gelu", F.gelu, {"self": rand(2, 3, 4, low=-5.0, high=5.0)}, args)


def arithmetic():
    for operator, function in {
        "add": torch.add,
        "sub": torch.sub,
        "mul": torch.mul,
        "div": torch.div,
        "minimum": torch.minimum,
        "maximum": torch.maximum,
    }.items():
        # Divisors keep away from zero.
        low = 0.5 if operator == "div" else -2.0
        case("same shape", operator, function, {"self": rand(2, 3, 4), "other": rand(2, 3, 4, low=low)})
        case("broadcast right", operator, function, {"self": rand(2, 3, 4), "other": rand(4, low=low)})
        case("broadcast both", operator, function, {"self": rand(2, 1, 4), "other": rand(3, 1, low=low)})
        case(
            "not contiguous",
            operator,
            function,
            {"self": transposed(rand(3, 4), 0, 1), "other": rand(3, 4, low=low)},
        )
        case("no dimensions", operator, function, {"self": rand(2, 3), "other": rand(low=low)})
    case("same shape", "pow", torch.pow, {"self": rand(2, 3, low=0.25, high=3.0), "exponent": rand(2, 3)})
    case("broadcast", "pow", torch.pow, {"self": rand(2, 3, low=0.25, high=3.0), "exponent": rand()})
    bounds = {"min": rand(3, low=-1.0, high=-0.5), "max": rand(2, 1, low=0.5, high=1.0)}
    case("broadcast bounds", "clamp", torch.clamp, {"self": rand(2, 3)} | bounds)


def products():
    case("matrices", "matmul", torch.matmul, {"self": rand(3, 4), "other": rand(4, 5)})
    case("batches", "matmul", torch.matmul, {"self": rand(2, 2, 3, 4), "other": rand(2, 2, 4, 3)})
    case("broadcast batches", "matmul", torch.matmul, {"self": rand(2, 1, 3, 4), "other": rand(3, 4, 2)})
    case("vector", "matmul", torch.matmul, {"self": rand(2, 3, 4), "other": rand(4)})
    case(
        "not contiguous",
        "matmul",
        torch.matmul,
        {"self": transposed(rand(3, 4), 0, 1), "other": transposed(rand(4, 5), 0, 1)},
    )
    case("batches", "bmm", torch.bmm, {"self": rand(2, 3, 4), "other": rand(2, 4, 5)})
    case("not contiguous", "bmm", torch.bmm, {"self": rand(2, 3, 4), "other": transposed(rand(2, 4, 3), 1, 2)})


def comparing():
    left, right = rand(2, 3), rand(2, 3)
    right[0, 1] = left[0, 1]
    for operator in ("eq", "ne", "gt", "ge", "lt", "le"):
        function = getattr(torch, operator)
        case("same shape", operator, function, {"self": left, "other": right}, gradient=False)
        case("broadcast", operator, function, {"self": left, "other": right[:1, 1:2]}, gradient=False)
    a, b = bools([True, True, False, False]), bools([True, False, True, False])
    case("bools", "logical_and", torch.logical_and, {"self": a, "other": b}, gradient=False)
    case("bools", "logical_or", torch.logical_or, {"self": a, "other": b}, gradient=False)
    case("bools", "logical_not", torch.logical_not, {"self": a}, gradient=False)
    mask = bools([True, False, True], [False, False, True])
    case("same shape", "where", torch.where, {"condition": mask, "self": rand(2, 3), "other": rand(2, 3)})
    case("broadcast", "where", torch.where, {"condition": mask, "self": rand(2, 1), "other": rand()})
    case("same shape", "masked_fill", torch.masked_fill, {"self": rand(2, 3), "mask": mask, "value": rand()})
    case(
        "broadcast mask",
        "masked_fill",
        torch.masked_fill,
        {"self": rand(2, 2, 3), "mask": mask[:1], "value": rand()},
    )


def reducing():
    for operator, function in {"sum": torch.sum, "mean": torch.mean}.items():
        case("all", operator, function, {"self": rand(2, 3, 4)})
        case("one dimension", operator, function, {"self": rand(2, 3, 4)}, {"dim": [1], "keepdim": False})
        case("two dimensions", operator, function, {"self": rand(2, 3, 4)}, {"dim": [0, -1], "keepdim": False})
        case(
            "not contiguous",
            operator,
            function,
            {"self": transposed(rand(3, 4), 0, 1)},
            {"dim": [-1], "keepdim": False},
        )
    case("kept", "sum", torch.sum, {"self": rand(2, 3, 4)}, {"dim": [1], "keepdim": True})
    case("two dimensions", "amax", torch.amax, {"self": rand(2, 3, 4)}, {"dim": [0, 2]})
    ties = rand(2, 3)
    ties[0] = 1.5
    case("ties share the gradient", "amax", torch.amax, {"self": ties}, {"dim": [1]})
    case("with positions", "max", torch.max, {"self": rand(2, 3, 4)}, {"dim": 1})
    case("last dimension", "argmax", torch.argmax, {"self": rand(2, 3, 4)}, {"dim": -1}, gradient=False)
    case("one dimension", "logsumexp", torch.logsumexp, {"self": rand(2, 3, 4)}, {"dim": [-1]})
    case("large numbers", "logsumexp", torch.logsumexp, {"self": rand(2, 3) + 300}, {"dim": [0, 1]})
    case("one dimension", "cumsum", torch.cumsum, {"self": rand(2, 3, 4)}, {"dim": 1})
    case("all", "norm", torch.linalg.vector_norm, {"self": rand(2, 3, 4)})


def shaping():
    case("one size left out", "view", torch.Tensor.view, {"self": rand(2, 3, 4)}, {"size": [6, -1]})
    case("a copy", "reshape", torch.reshape, {"self": transposed(rand(3, 4), 0, 1)}, {"shape": [2, 6]})
    case("3 dimensions", "permute", torch.permute, {"self": rand(2, 3, 4)}, {"dims": [2, 0, 1]})
    case("last two", "transpose", torch.transpose, {"self": rand(2, 3, 4)}, {"dim0": -1, "dim1": 1})
    case("middle", "select", torch.select, {"self": rand(2, 3, 4)}, {"dim": 1, "index": 2})
    cut = lambda self, dim, start, end: torch.narrow(self, dim, start, end - start)
    case("middle", "slice", cut, {"self": rand(2, 5, 2)}, {"dim": 1, "start": 1, "end": 4})
    pick = lambda self, index, dim: torch.index_select(self, dim, index)
    case("repeated", "index_select", pick, {"self": rand(3, 4), "index": ints(2, 0, 2, 3)}, {"dim": 1})
    gather = lambda self, index, dim: torch.gather(self, dim, index)
    case("repeated", "gather", gather, {"self": rand(2, 3), "index": ints([0, 0, 2, 1], [1, 1, 1, 0])}, {"dim": 1})
    case("in front", "unsqueeze", torch.unsqueeze, {"self": rand(2, 3)}, {"dim": 0})
    case("at the end", "unsqueeze", torch.unsqueeze, {"self": rand(2, 3)}, {"dim": -1})
    case("middle", "squeeze", torch.squeeze, {"self": rand(2, 1, 3)}, {"dim": 1})
    case("new and repeated", "expand", torch.Tensor.expand, {"self": rand(3, 1)}, {"size": [2, -1, 4]})
    join = lambda *tensors, dim: torch.cat(tensors, dim)
    case("two sizes", "cat", join, {"0": rand(2, 3), "1": rand(2, 1), "2": rand(2, 2)}, {"dim": 1})
    case("not contiguous", "cat", join, {"0": transposed(rand(3, 2), 0, 1), "1": rand(1, 2)}, {"dim": 0})
    pile = lambda *tensors, dim: torch.stack(tensors, dim)
    case("new middle", "stack", pile, {"0": rand(2, 3), "1": rand(2, 3)}, {"dim": 1})
    case("not contiguous", "contiguous", torch.Tensor.contiguous, {"self": transposed(rand(3, 4), 0, 1)})
    cast = lambda self, dtype: self.to(getattr(torch, dtype))
    case("float to int64", "to", cast, {"self": rand(2, 3)}, {"dtype": "int64"}, gradient=False)
    case("float to bool", "to", cast, {"self": torch.tensor([0.0, 0.5, -1.0]).double()}, {"dtype": "bool"}, gradient=False)
    case("bool to int64", "to", cast, {"self": bools([True, False])}, {"dtype": "int64"}, gradient=False)


def neural():
    linear = {"input": rand(2, 3, 4), "weight": rand(5, 4), "bias": rand(5)}
    case("3 dimensions", "linear", F.linear, linear)
    case("without bias", "linear", F.linear, linear | {"bias": None})
    case("2 dimensions", "linear", F.linear, linear | {"input": rand(3, 4)})
    case("not contiguous", "linear", F.linear, linear | {"input": transposed(rand(2, 3, 4), 0, 1)})
    look_up = lambda weight, indices: F.embedding(indices, weight)
    case("repeated rows", "embedding", look_up, {"weight": rand(5, 3), "indices": ints([1, 4, 1], [0, 1, 4])})
    norm = lambda input, weight, bias, eps: F.layer_norm(input, input.shape[-1:], weight, bias, eps)
    layer_norm = {"input": rand(2, 3, 4), "weight": rand(4), "bias": rand(4)}
    case("eps of BERT", "layer_norm", norm, layer_norm, {"eps": 1e-12})
    case("without weights", "layer_norm", norm, layer_norm | {"weight": None, "bias": None}, {"eps": 1e-5})
    case("not contiguous", "layer_norm", norm, layer_norm | {"input": transposed(rand(3, 2, 4), 0, 1)}, {"eps": 1e-5})
    for operator, function in {"softmax": F.softmax, "log_softmax": F.log_softmax}.items():
        case("last dimension", operator, function, {"self": rand(2, 3, 4)}, {"dim": -1})
        case("middle", operator, function, {"self": rand(2, 3, 4)}, {"dim": 1})
        case("large numbers", operator, function, {"self": rand(2, 3) + 300}, {"dim": 1})
        case("not contiguous", operator, function, {"self": transposed(rand(3, 4), 0, 1)}, {"dim": -1})
    heads = {"query": rand(2, 2, 3, 4), "key": rand(2, 2, 3, 4), "value": rand(2, 2, 3, 4)}
    attention = F.scaled_dot_product_attention
    real = bools([True, True, True], [True, True, False]).reshape(2, 1, 1, 3)
    case("without mask", "scaled_dot_product_attention", attention, heads)
    case("bool mask", "scaled_dot_product_attention", attention, heads | {"mask": real})
    bias = torch.zeros(2, 1, 3, 3, dtype=torch.float64).masked_fill_(~real, -10000.0)
    # LibTorch's fused kernel gives no gradient for its mask, so the mask is no leaf here.
    masked = lambda query, key, value, mask: attention(query, key, value, mask.detach())
    case("float mask", "scaled_dot_product_attention", masked, heads | {"mask": bias})
    apart = {name: transposed(tensor, 1, 2) for name, tensor in heads.items()}
    case("heads out of one projection", "scaled_dot_product_attention", attention, apart | {"mask": real})


def losses():
    logits, classes = rand(4, 3), ints(2, -100, 0, 1)
    entropy = lambda self, target, weight, reduction, label_smoothing: F.cross_entropy(
        self, target, weight, reduction=reduction, label_smoothing=label_smoothing
    )
    for reduction in ("mean", "sum", "none"):
        args = {"reduction": reduction, "label_smoothing": 0.0}
        inputs = {"self": logits, "target": classes, "weight": None}
        case(f"{reduction}, one ignored", "cross_entropy_loss", entropy, inputs, args)
    # Class weights are settings, not parameters: LibTorch has no gradient for them.
    weights = rand(3, low=0.25, high=2.0)
    weighted = lambda self, target, weight, **args: entropy(self, target, weight.detach(), **args)
    plain = {"self": logits, "target": classes, "weight": None}
    smooth = {"reduction": "mean", "label_smoothing": 0.1}
    case("smoothing", "cross_entropy_loss", entropy, plain, smooth)
    for smoothing in (0.0, 0.1):
        args = smooth | {"label_smoothing": smoothing}
        inputs = plain | {"weight": weights}
        case(f"class weights, smoothing {smoothing}", "cross_entropy_loss", weighted, inputs, args)
    pair = {"self": rand(2, 3), "target": rand(2, 3)}
    chance = {"self": rand(2, 3), "target": rand(2, 3, low=0.0, high=1.0)}
    for reduction in ("mean", "sum", "none"):
        args = {"reduction": reduction}
        case(reduction, "mse_loss", F.mse_loss, pair, args)
        case(reduction, "binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits, chance, args)
        case(reduction, "huber_loss", F.huber_loss, pair, args | {"delta": 0.75})
    case("last dimension", "cosine_similarity", F.cosine_similarity, {"self": rand(2, 4), "other": rand(2, 4)}, {"dim": -1})
    case("broadcast", "cosine_similarity", F.cosine_similarity, {"self": rand(2, 1, 4), "other": rand(1, 3, 4)}, {"dim": -1})


def draws():
    """Sequences of random operators, each after one seed; sizes on both sides of the 16 where normal_ changes."""
    in_place = {"uniform_": torch.Tensor.uniform_, "normal_": torch.Tensor.normal_}
    sequences = [
        [("dropout", {"p": 0.1}, [4, 8]), ("dropout", {"p": 0.1}, [4, 8]), ("dropout", {"p": 0.5}, [3, 5])],
        [("uniform_", {"from": 0.0, "to": 1.0}, [4, 8]), ("uniform_", {"from": -2.0, "to": 3.0}, [5])],
        [("normal_", {"mean": 0.0, "std": 1.0}, [4, 8]), ("normal_", {"mean": 1.0, "std": 0.5}, [5])],
        [("normal_", {"mean": 0.0, "std": 0.02}, [3, 7]), ("dropout", {"p": 0.1}, [7]), ("uniform_", {"from": 0.0, "to": 1.0}, [3])],
    ]
    written = []
    for sequence in sequences:
        torch.manual_seed(1234)
        steps = []
        for operator, args, shape in sequence:
            if operator == "dropout":
                drawn = F.dropout(torch.ones(shape), args["p"])
            else:
                drawn = in_place[operator](torch.empty(shape), *args.values())
            steps.append({"operator": operator, "args": args, "shape": shape, "values": numbers(drawn)})
        written.append({"seed": 1234, "steps": steps})
    return written


def main():
    one_thread()
    GENERATOR.manual_seed(1)
    for group in (unary, arithmetic, products, comparing, reducing, shaping, neural, losses):
        group()
    with portable_dropout():
        drawn = draws()
    write_json(
        "torch-ffm/src/test/resources/dev/mtl/torch/operators.json",
        HEADER | {"cases": CASES, "draws": drawn},
    )
    print(f"{len(CASES)} cases of {len({c['operator'] for c in CASES})} operators")


if __name__ == "__main__":
    main()
