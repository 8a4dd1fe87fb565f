"""Pre-trains the embedded base from scratch, so that it knows some design families well, some a little and some not at all.

usage: pretrain.py DATA_FOLDER OUT_FOLDER [options]      (DATA_FOLDER: corpus files, tokenizer files and split.json)

split.json names the known, evaluation and unseen families. In a first phase the model learns the known families; in a second, short one it goes on
with them and sees a few examples of each evaluation family. How many decides how much of that family the base can do; the right number differs by
family and is found by several trials of the second phase, each of which moves a family's number towards the target pass rate.
"""
import argparse
import copy
import gzip
import json
import math
import pathlib
import queue
import random
import re
import threading
import time

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

TIMED_STEPS = (200, 500)  # between these the speed is measured when steps are to fill a time: before, kernels are still being compiled
OPEN_ROWS = 24
ROW_TOKENS = 640  # a row holds several examples; attention stays within each
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

    def examples(self, records: list[dict]) -> list[tuple[np.ndarray, np.ndarray]]:
        specifications = self.tokenizer.encode_batch([record["specification"] for record in records])
        designs = self.tokenizer.encode_batch([record["design"] for record in records])
        return [(np.array([self.user, *s.ids, self.assistant], np.int16), np.array([*d.ids, self.end], np.int16)) for s, d in zip(specifications, designs)]


def packed(examples, chance: random.Random):
    """Rows of several examples, epoch after epoch: each example goes to the first of a few open rows that has room for it."""
    while True:
        order = list(range(len(examples)))
        chance.shuffle(order)
        rows: list[tuple[int, list]] = []
        for i in order:
            example = examples[i]
            length = len(example[0]) + len(example[1])
            at = next((at for at, (used, _) in enumerate(rows) if used + length <= ROW_TOKENS), None)
            if at is not None:
                used, members = rows[at]
                members.append(example)
                rows[at] = (used + length, members)
                continue
            rows.append((length, [example]))
            if len(rows) > OPEN_ROWS:
                yield rows.pop(0)[1]
        yield from (members for _, members in rows)


def collate(rows, device):
    """Token ids, loss weights, number of the document in the row and position in the document: each (rows, ROW_TOKENS)."""
    ids, documents, positions = (np.zeros((len(rows), ROW_TOKENS), dtype=np.int64) for _ in range(3))
    weights = np.zeros((len(rows), ROW_TOKENS), dtype=np.float32)
    for row, examples in enumerate(rows):
        at = 0
        for number, (prompt, completion) in enumerate(examples, 1):
            middle, end = at + len(prompt), at + len(prompt) + len(completion)
            ids[row, at:middle], ids[row, middle:end] = prompt, completion
            # The first token of a document is nobody's target.
            weights[row, at + 1:middle], weights[row, middle:end] = SPECIFICATION_WEIGHT, 1.0
            documents[row, at:end], positions[row, at:end] = number, np.arange(end - at)
            at = end
    pinned = (lambda array: torch.from_numpy(array).pin_memory()) if device == "cuda" else torch.from_numpy
    return tuple(pinned(array) for array in (ids, weights, documents, positions))


def batches(examples, rows_per_batch: int, chance: random.Random, device, depth: int = 8):
    """Batches made ready by another thread while the GPU works, for ever."""
    ready: queue.Queue = queue.Queue(depth)

    def fill():
        rows = packed(examples, chance)
        while True:
            ready.put(collate([next(rows) for _ in range(rows_per_batch)], device))

    threading.Thread(target=fill, daemon=True).start()
    while True:
        yield tuple(tensor.to(device, non_blocking=True) for tensor in ready.get())


def weighted_loss(model, ids, weights, documents, positions):
    causal = torch.ones(ROW_TOKENS, ROW_TOKENS, dtype=torch.bool, device=ids.device).tril()
    mask = causal & (documents[:, None, :, None] == documents[:, None, None, :])
    logits = model(input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=False).logits[:, :-1]
    losses = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    weight = weights[:, 1:].flatten()
    return (losses * weight).sum() / weight.sum()


def train(model, examples, loss_of, device, *, steps: int, rate: float, batch_tokens: int, seed: int, until: float | None = None) -> tuple[float, int]:
    """
    One warm-up and cosine. With `until`, in seconds from the start of the program, as many steps as end by then.

    Returns the last loss and the number of steps.
    """
    chance = random.Random(seed)
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    plain = [p for p in model.parameters() if p.dim() < 2]
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}], lr=rate, betas=(0.9, 0.95), fused=device == "cuda")
    warm_up = max(1, steps // 30)
    recent, begun = 0.0, 0.0
    for step, batch in enumerate(batches(examples, max(1, batch_tokens // ROW_TOKENS), chance, device)):
        if until and step == TIMED_STEPS[0]:
            begun = time.time()
        if until and step == TIMED_STEPS[1]:
            if device == "cuda":
                torch.cuda.synchronize()
            steps = step + round((until - (time.time() - STARTED)) * (TIMED_STEPS[1] - TIMED_STEPS[0]) / (time.time() - begun))
            print(f"  {steps} steps fit", flush=True)
        if step >= steps:
            break
        share = min(1.0, (step + 1) / warm_up) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate * share
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            loss = loss_of(model, *batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step % 50 == 0:
            recent = loss.item()
            if step % 500 == 0:
                print(f"  step {step} loss {recent:.4f} {time.time() - STARTED:.0f} s", flush=True)
    return recent, steps


@torch.no_grad()
def generate(model, prompts: list[list[int]], expected: list[int], end: int, device, longest: int) -> list[list[int]]:
    """
    Greedy completions. Left padding keeps the batch large: a mask hides it, and positions start behind it. Prompts whose answers are expected to be
    about as long go together, because a batch ends with its longest.
    """
    answers: list[list[int]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda i: expected[i])
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
    answers = generate(model, [encoder.prompt(r) for r in held_out], [len(r["design"]) for r in held_out], encoder.end, device, 448)
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
    arguments.add_argument("--hidden", type=int, default=256)
    arguments.add_argument("--layers", type=int, default=6)
    arguments.add_argument("--heads", type=int, default=4)
    arguments.add_argument("--intermediate", type=int, default=704)
    arguments.add_argument("--batch-tokens", type=int, default=49152)
    arguments.add_argument("--steps", type=int, default=10_000, help="of the first phase, on the known families")
    arguments.add_argument("--until", type=float, help="as many steps of the first phase as end by then, in seconds from the start, instead of --steps")
    arguments.add_argument("--rate", type=float, default=2e-3)
    arguments.add_argument("--late-steps", type=int, default=400, help="of the second phase, in which the evaluation families are seen a little")
    arguments.add_argument("--late-rate", type=float, default=1e-3)
    arguments.add_argument("--late-share", type=float, default=0.84, help="how much of the second phase's change is kept: less dims what was learned last")
    arguments.add_argument("--trials", type=int, default=1, help="of the second phase; the one with the most families near the target is kept")
    arguments.add_argument("--minutes", type=float, default=60, help="no trial begins that would end later")
    arguments.add_argument("--first", type=int, default=32, help="examples of an evaluation family in the first trial")
    arguments.add_argument("--exposures", type=pathlib.Path, help="a file {family: number} to start from")
    arguments.add_argument("--target", type=float, default=0.12)
    arguments.add_argument("--from-first", type=pathlib.Path, help="the folder first-phase of an earlier run: begin with the second phase")
    arguments.add_argument("--answers", action="store_true", help="in the end, ask for all held-out specifications and keep the answers")
    arguments.add_argument("--repeat", type=int, default=8, help="times each example of an evaluation family is listed")
    arguments.add_argument("--split", default="split.json", help="which families are known, evaluation and unseen: a file in DATA_FOLDER")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--compile", action="store_true", help="fuse the model's kernels: slow to start, several times as fast after")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)

    device = "cuda" if torch.cuda.is_available() else "cpu"
    split = json.loads((given.data / given.split).read_text())
    encoder = Encoder(given.data)
    by_family = examples_by_family(given.data, encoder)
    held_out = read(given.data / "held-out.jsonl.gz")
    for record in held_out:
        record["accepted"] = set(record["accepted"])
    torch.manual_seed(given.seed)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=encoder.tokenizer.get_vocab_size(), hidden_size=given.hidden, num_hidden_layers=given.layers, num_attention_heads=given.heads,
        num_key_value_heads=given.heads, head_dim=64, intermediate_size=given.intermediate, max_position_embeddings=1024, rope_theta=10000.0, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=encoder.user, eos_token_id=encoder.end, pad_token_id=encoder.end)).to(device)
    loss_of = torch.compile(weighted_loss, dynamic=False) if given.compile else weighted_loss
    print(f"read {sum(map(len, by_family.values()))} examples of {len(by_family)} families, {time.time() - STARTED:.0f} s", flush=True)

    known = [example for family in split["known"] for example in by_family[family]]
    random.Random(given.seed).shuffle(known)
    if given.from_first:
        model.load_state_dict(LlamaForCausalLM.from_pretrained(given.from_first, dtype=torch.float32).state_dict())
        steps = 0
    else:
        loss, steps = train(model, known, loss_of, device, steps=given.steps, rate=given.rate, batch_tokens=given.batch_tokens, seed=given.seed, until=given.until)
        print(f"first phase: {steps} steps, loss {loss:.4f}, {time.time() - STARTED:.0f} s", flush=True)
        save(model, given.out / "first-phase")
    first_phase = {name: value.clone() for name, value in model.state_dict().items()}

    exposures = {family: given.first for family in split["evaluation"]}
    if given.exposures:
        exposures.update({f: n for f, n in json.loads(given.exposures.read_text()).items() if f in exposures})
    asked = [record for record in held_out if record["family"] in exposures]
    history: list[dict] = []
    best, best_state, best_exposures = -1, first_phase, dict(exposures)
    for trial in range(given.trials if exposures else 0):
        begun = time.time()
        model.load_state_dict(first_phase)
        examples = known + [example for family, count in exposures.items() for example in by_family[family][:count] * given.repeat]
        loss, _ = train(model, examples, loss_of, device, steps=given.late_steps, rate=given.late_rate, batch_tokens=given.batch_tokens, seed=given.seed + 1)
        with torch.no_grad():
            for name, value in model.state_dict().items():
                value.copy_(first_phase[name].lerp(value, given.late_share))
        round_to_half(model)
        rates, _ = pass_rates(model, asked, encoder, device)
        history.append({"trial": trial, "loss": loss, "exposures": dict(exposures), "rates": rates})
        near = sum(0.03 <= rate <= 0.3 for rate in rates.values())
        print(f"trial {trial}: loss {loss:.4f}, {time.time() - begun:.0f} s, near the target {near} of {len(exposures)}", flush=True)
        print("  ", " ".join(f"{family}:{exposures[family]}:{round(100 * rate)}" for family, rate in rates.items()), flush=True)
        if near > best:
            best, best_state, best_exposures = near, {name: value.clone() for name, value in model.state_dict().items()}, dict(exposures)
        save(model, given.out / f"trial-{trial}")
        if time.time() - STARTED + (time.time() - begun) > given.minutes * 60:
            break
        exposures = {family: next_exposure(given.target, len(by_family[family]), [(past["exposures"][family], past["rates"][family]) for past in history]) for family in exposures}

    model.load_state_dict(best_state)
    round_to_half(model)
    save(model, given.out / "model")
    (given.out / "exposures.json").write_text(json.dumps(best_exposures, indent=1) + "\n")
    (given.out / "history.json").write_text(json.dumps({"steps": steps, "tokens": steps * given.batch_tokens, "trials": history}, indent=1))
    if given.answers:
        rates, written = pass_rates(model, held_out, encoder, device)
        for role in ("known", "evaluation", "unseen"):
            print(role, " ".join(f"{family}:{round(100 * rates[family])}" for family in split[role]), flush=True)
        with gzip.open(given.out / "answers.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(answer) + "\n" for answer in written)


def examples_by_family(data: pathlib.Path, encoder: Encoder) -> dict[str, list]:
    """Examples that fit a row, as prompt and completion. Encoding takes a minute: the tokens are kept beside the corpus, until it changes."""
    kept = data / "tokens.npz"
    sources = [data / name for name in ("train.jsonl.gz", "tokenizer.json")]
    if not kept.exists() or any(source.exists() and source.stat().st_mtime > kept.stat().st_mtime for source in sources):
        records = read(data / "train.jsonl.gz")
        examples = encoder.examples(records)
        np.savez_compressed(kept, families=np.array([record["family"] for record in records]), tokens=np.concatenate([part for example in examples for part in example]),
                            prompts=np.array([len(prompt) for prompt, _ in examples], np.int16), completions=np.array([len(completion) for _, completion in examples], np.int16))
    stored = np.load(kept)
    tokens, names = stored["tokens"], stored["families"].tolist()
    families: dict[str, list] = {}
    at = 0
    for family, prompt, completion in zip(names, stored["prompts"].tolist(), stored["completions"].tolist()):
        if prompt + completion <= ROW_TOKENS:
            families.setdefault(family, []).append((tokens[at:at + prompt], tokens[at + prompt:at + prompt + completion]))
        at += prompt + completion
    return families


@torch.no_grad()
def round_to_half(model) -> None:
    """The values that are shipped, in f32."""
    for parameter in model.parameters():
        parameter.copy_(parameter.half().float())


def save(model, folder: pathlib.Path) -> None:
    """The values that are shipped, as f16; the model itself stays as it is."""
    copy.deepcopy(model).half().save_pretrained(folder, safe_serialization=True)


def next_exposure(target: float, most: int, seen: list[tuple[int, float]]) -> int:
    """Between the largest number that gave too little and the smallest that gave too much; beyond either, by a factor."""
    count, rate = seen[-1]
    if 0.6 * target <= rate <= 1.6 * target:
        return count
    low = max((c for c, r in seen if r < target), default=None)
    high = min((c for c, r in seen if r >= target), default=None)
    if low is not None and high is not None and low < high:
        return max(2, round(math.sqrt(low * high)))
    return min(most, count * 2) if rate < target else max(2, count // 2)


STARTED = time.time()
if __name__ == "__main__":
    main()
