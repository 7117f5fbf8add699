"""JointBERT (Chen, Zhuo, Wang 2019) without its CRF: the intent from the pooled [CLS], a rate falling linearly to 0.

Run:    python jointbert.py --model BERT_DIR --data DATA_DIR/snips [--epochs 5] [--threads 2] [--device cuda]
Prints: one line of JSON an epoch: intent accuracy, slot F1 and the share of sentences with both right, on each --split
"""

import bench_train
import torch
from bench_common import arguments, report, seconds
from transformers import AutoModel, get_linear_schedule_with_warmup


class JointBert(bench_train.Joint):
    precision = "bf16"

    def forward(self, tokens):
        low = self.training and self.precision == "bf16"
        with torch.autocast(tokens["input_ids"].device.type, torch.bfloat16, enabled=low):
            out = self.backbone(**tokens)
            intents, slots = self.intent(self.dropout(out.pooler_output)), self.slots(self.dropout(out.last_hidden_state))
        return intents.float(), slots.float()


def main():
    parser = arguments(__doc__)
    parser.add_argument("--model", required=True, help="bert-base-uncased in Hugging Face layout")
    parser.add_argument("--data", required=True, help="a folder with train/ and dev/ in JointBERT's layout")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--split", nargs="+", default=["dev"], help="the parts to score after each epoch (default dev)")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-length", type=int, default=50, help="tokens (default 50, as published)")
    parser.add_argument("--lr", type=float, default=5e-5)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16", help="of training")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_device(options.device)

    trainer = bench_train.Trainer(options)
    backbone = AutoModel.from_pretrained(options.model)
    trainer.model = JointBert(backbone, len(trainer.task.intents), len(trainer.task.tags)).to(options.device)
    trainer.model.precision = options.precision
    trainer.optimizer = torch.optim.AdamW(trainer.model.parameters(), lr=options.lr, weight_decay=0.0)
    steps = -(-len(trainer.rows) // options.batch_size)
    schedule = get_linear_schedule_with_warmup(trainer.optimizer, 0, steps * options.epochs)
    trainer.optimizer.register_step_post_hook(lambda *_: schedule.step())

    batches = trainer.batches()
    for epoch in range(1, options.epochs + 1):
        trainer.model.train()
        taken = seconds(lambda: [trainer.step(next(batches)) for _ in range(steps)])
        results = {split: bench_train.scores(trainer, bench_train.read(f"{options.data}/{split}")) for split in options.split}
        report("jointbert", epoch=epoch, seed=options.seed, epoch_seconds=round(taken, 1), **results)


if __name__ == "__main__":
    main()
