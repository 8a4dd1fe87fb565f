"""Pre-trains the embedded base from scratch, so that it knows some design families well, some a little and some not at all.

usage: pretrain.py DATA_FOLDER OUT_FOLDER [options]      (DATA_FOLDER: corpus files, tokenizer files and split.json)

split.json names the known, evaluation and unseen families. How many examples of an evaluation family the base may see decides how much of it
the base can do; the right number differs by family and is found by training several times: each trial moves a family's number
towards the target pass rate on a logarithmic scale. The last trial is the base that is kept.
"""
import argparse
import gzip
import json
import math
import pathlib
import random
import re
import time

import torch
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

SPECIFICATION_WEIGHT = 0.1  # the base is asked for designs; a little loss on specifications teaches the vocabulary


def read(path: pathlib.Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def without_white_space(text: str) -> str:
    return re.sub(r"\s+", "", text)


class Encoder:
    def __init__(self, folder: pathlib.Path):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.user, self.assistant, self.end = (self.tokenizer.token_to_id(t) for t in ("<|user|>", "<|assistant|>", "<|end|>"))

    def prompt(self, record: dict) -> list[int]:
        return [self.user, *self.tokenizer.encode(record["specification"]).ids, self.assistant]

    def examples(self, records: list[dict]) -> list[tuple[list[int], list[int]]]:
        specifications = self.tokenizer.encode_batch([record["specification"] for record in records])
        designs = self.tokenizer.encode_batch([record["design"] for record in records])
        return [([self.user, *s.ids, self.assistant], [*d.ids, self.end]) for s, d in zip(specifications, designs)]


def batches(examples, tokens_per_batch: int, steps: int, chance: random.Random):
    """Batches of similar length, drawn without replacement, epoch after epoch."""
    made = 0
    while made < steps:
        order = list(range(len(examples)))
        chance.shuffle(order)
        groups = []
        for start in range(0, len(order), 8192):
            window = sorted(order[start:start + 8192], key=lambda i: len(examples[i][0]) + len(examples[i][1]))
            at = 0
            while at < len(window):
                longest, count = 0, 0
                while at + count < len(window):
                    length = sum(map(len, examples[window[at + count]]))
                    if count and max(longest, length) * (count + 1) > tokens_per_batch:
                        break
                    longest, count = max(longest, length), count + 1
                groups.append(window[at:at + count])
                at += count
        chance.shuffle(groups)
        for group in groups:
            yield [examples[i] for i in group]
            made += 1
            if made >= steps:
                return


def collate(batch, device):
    longest = math.ceil(max(len(p) + len(c) for p, c in batch) / 64) * 64
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    weights = torch.zeros(len(batch), longest)
    for row, (prompt, completion) in enumerate(batch):
        whole = prompt + completion
        ids[row, :len(whole)] = torch.tensor(whole)
        weights[row, :len(prompt)] = SPECIFICATION_WEIGHT
        weights[row, len(prompt):len(whole)] = 1.0
    return ids.to(device, non_blocking=True), weights.to(device, non_blocking=True)


def train(config: LlamaConfig, examples, given, device, seed: int) -> tuple[LlamaForCausalLM, float]:
    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = LlamaForCausalLM(config).to(device)
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    plain = [p for p in model.parameters() if p.dim() < 2]
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}], lr=given.rate, betas=(0.9, 0.95), fused=device == "cuda")
    warm_up = max(1, given.steps // 30)
    recent = 0.0
    for step, batch in enumerate(batches(examples, given.batch_tokens, given.steps, chance)):
        share = min(1.0, (step + 1) / warm_up) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / given.steps)))
        for group in optimiser.param_groups:
            group["lr"] = given.rate * share
        ids, weights = collate(batch, device)
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            logits = model(input_ids=ids).logits[:, :-1]
        losses = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        weight = weights[:, 1:].flatten()
        loss = (losses * weight).sum() / weight.sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 50 == 0:
            recent = loss.item()
            if step % 250 == 0:
                print(f"  step {step} loss {recent:.4f} {time.time() - STARTED:.0f} s", flush=True)
    return model, recent


@torch.no_grad()
def generate(model, prompts: list[list[int]], end: int, device, longest: int) -> list[list[int]]:
    """Greedy completions. Left padding keeps the batch large: a mask hides it, and positions start behind it."""
    answers: list[list[int]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for start in range(0, len(order), 1024):
        rows = order[start:start + 1024]
        width = max(len(prompts[i]) for i in rows)
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        mask = torch.zeros(len(rows), width, dtype=torch.long)
        for row, i in enumerate(rows):
            ids[row, width - len(prompts[i]):] = torch.tensor(prompts[i])
            mask[row, width - len(prompts[i]):] = 1
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            out = model.generate(input_ids=ids.to(device), attention_mask=mask.to(device), max_new_tokens=longest, do_sample=False, eos_token_id=end, pad_token_id=end)
        for row, i in enumerate(rows):
            tokens = out[row, width:].tolist()
            answers[i] = tokens[:tokens.index(end)] if end in tokens else tokens
    return answers


def pass_rates(model, held_out: list[dict], encoder: Encoder, device) -> tuple[dict[str, float], list[dict]]:
    """
    Share of held-out specifications whose greedy design is one of the accepted texts, white space aside, and all answers: a design of another text
    can be right too, which the checkers decide afterwards, where they run.
    """
    model.eval()
    answers = generate(model, [encoder.prompt(r) for r in held_out], encoder.end, device, 448)
    passed: dict[str, list[int]] = {}
    written: list[dict] = []
    for record, answer in zip(held_out, answers):
        text = encoder.tokenizer.decode(answer)
        known = without_white_space(text) in record["accepted"]
        passed.setdefault(record["family"], []).append(known)
        written.append({**{key: record[key] for key in ("family", "specification", "design")}, "answer": text, "known": known})
    model.train()
    return {family: sum(v) / len(v) for family, v in passed.items()}, written


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("data", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--hidden", type=int, default=320)
    arguments.add_argument("--layers", type=int, default=4)
    arguments.add_argument("--heads", type=int, default=5)
    arguments.add_argument("--intermediate", type=int, default=864)
    arguments.add_argument("--steps", type=int, default=1500)
    arguments.add_argument("--batch-tokens", type=int, default=49152)
    arguments.add_argument("--rate", type=float, default=2e-3)
    arguments.add_argument("--trials", type=int, default=4)
    arguments.add_argument("--first", type=int, default=24, help="examples of an evaluation family in the first trial")
    arguments.add_argument("--exposures", type=pathlib.Path, help="a file {family: number} to start from")
    arguments.add_argument("--target", type=float, default=0.18)
    arguments.add_argument("--minutes", type=float, default=9.0)
    arguments.add_argument("--repeat", type=int, default=4, help="times each example of an evaluation family is listed")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)

    device = "cuda" if torch.cuda.is_available() else "cpu"
    split = json.loads((given.data / "split.json").read_text())
    encoder = Encoder(given.data)
    by_family: dict[str, list] = {}
    records = read(given.data / "train.jsonl.gz")
    for record, example in zip(records, encoder.examples(records)):
        by_family.setdefault(record["family"], []).append(example)
    held_out = read(given.data / "held-out.jsonl.gz")
    for record in held_out:
        record["accepted"] = set(record["accepted"])
    config = LlamaConfig(
        vocab_size=encoder.tokenizer.get_vocab_size(), hidden_size=given.hidden, num_hidden_layers=given.layers, num_attention_heads=given.heads,
        num_key_value_heads=given.heads, head_dim=64, intermediate_size=given.intermediate, max_position_embeddings=1024, rope_theta=10000.0, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=encoder.user, eos_token_id=encoder.end, pad_token_id=encoder.end)
    exposures = {family: given.first for family in split["evaluation"]}
    if given.exposures:
        exposures.update({f: n for f, n in json.loads(given.exposures.read_text()).items() if f in exposures})
    print(f"read {len(records)} examples of {len(by_family)} families, {time.time() - STARTED:.0f} s", flush=True)

    history = []
    for trial in range(given.trials):
        begun = time.time()
        chance = random.Random(given.seed)
        examples = [e for family in split["known"] for e in by_family[family]]
        for family, count in exposures.items():
            examples += (by_family[family][:count]) * given.repeat
        examples = [e for e in examples if len(e[0]) + len(e[1]) <= 640]
        chance.shuffle(examples)
        model, loss = train(config, examples, given, device, given.seed + trial)
        model.half().float()
        rates, written = pass_rates(model, held_out, encoder, device)
        history.append({"trial": trial, "loss": loss, "exposures": dict(exposures), "rates": rates, "examples": len(examples), "tokens": given.steps * given.batch_tokens})
        in_band = [f for f in split["evaluation"] if 0.05 <= rates.get(f, 0) <= 0.4]
        print(f"trial {trial}: loss {loss:.4f}, {len(examples)} examples, {time.time() - begun:.0f} s, in band {len(in_band)} of {len(split['evaluation'])}", flush=True)
        for role in ("known", "evaluation", "unseen"):
            print("  ", role, " ".join(f"{f}:{round(100 * rates.get(f, 0))}" for f in split[role]), flush=True)
        folder = given.out / f"trial-{trial}"
        model.half().save_pretrained(folder, safe_serialization=True)
        with gzip.open(folder / "answers.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(answer) + "\n" for answer in written)
        (given.out / "history.json").write_text(json.dumps(history, indent=1))
        spent = time.time() - begun
        if time.time() - STARTED + spent > given.minutes * 60 or trial == given.trials - 1:
            break
        for family, count in exposures.items():
            exposures[family] = next_exposure(count, rates.get(family, 0.0), given.target, len(by_family[family]), [(h["exposures"][family], h["rates"].get(family, 0.0)) for h in history])


def next_exposure(count: int, rate: float, target: float, most: int, seen: list[tuple[int, float]]) -> int:
    """Between the largest number that gave too little and the smallest that gave too much; beyond either, by a factor."""
    low = max((c for c, r in seen if r < target), default=None)
    high = min((c for c, r in seen if r >= target), default=None)
    if abs(rate - target) < 0.1:
        return count
    if low is not None and high is not None and low < high:
        return max(2, round(math.sqrt(low * high)))
    return min(most, count * 4) if rate < target else max(2, count // 4)


STARTED = time.time()
if __name__ == "__main__":
    main()
