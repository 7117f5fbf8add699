"""BertForMaskedLM with given masks: writes the weights, the loss and the gradients that MaskedLanguageModelTest compares with."""

import torch
import transformers

from golden_common import HEADER, numbers, one_thread, randomise, save_weights, write_json

FOLDER = "mtl-heads/src/test/resources/dev/mtl/heads/masked"
ORIGINALS = [[2, 30, 31, 32, 33, 34, 3], [2, 40, 41, 42, 3]]
MASKED = [[2, 30, 4, 32, 77, 34, 3], [2, 40, 41, 4, 3]]
LABELS = [[-100, -100, 31, -100, 33, 34, -100], [-100, -100, -100, 42, -100]]


def main():
    one_thread()
    config = transformers.BertConfig(
        vocab_size=105,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=40,
        hidden_dropout_prob=0,
        attention_probs_dropout_prob=0,
        attn_implementation="eager",
    )
    model = transformers.BertForMaskedLM(config)
    randomise(model, 11, 0.2)
    model.tie_weights()
    width = len(ORIGINALS[0])
    ids = torch.tensor([row + [0] * (width - len(row)) for row in MASKED])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in MASKED])
    labels = torch.tensor([row + [-100] * (width - len(row)) for row in LABELS])
    loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    state = {n: t.detach().contiguous() for n, t in model.state_dict().items() if n != "cls.predictions.decoder.weight"}
    state.pop("cls.predictions.decoder.bias", None)
    save_weights(f"{FOLDER}/model.safetensors", state)
    write_json(
        f"{FOLDER}/masked.json",
        HEADER
        | {
            "originals": ORIGINALS,
            "masked": MASKED,
            "labels": LABELS,
            "loss": float(loss.detach()),
            "gradients": {
                name: [float(p.grad.double().sum()), float((p.grad.double() ** 2).sum())]
                for name, p in model.named_parameters()
                if p.grad is not None
            },
            "bias_gradient": numbers(model.cls.predictions.bias.grad),
        },
    )


if __name__ == "__main__":
    main()
