"""Trains the embedded model's tokenizer: byte-level BPE with single digits.

usage: train_tokenizer.py TRAIN.jsonl.gz OUT_FOLDER [--vocabulary 2048]

Digits stay single so that a width that no example had is still made of known tokens.
"""
import argparse
import gzip
import json
import pathlib

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def texts(path: pathlib.Path, per_family: int):
    taken: dict[str, int] = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if taken.get(record["family"], 0) >= per_family:
                continue
            taken[record["family"]] = taken.get(record["family"], 0) + 1
            yield record["specification"]
            yield record["design"]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("train", type=pathlib.Path)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--vocabulary", type=int, default=2048)
    arguments.add_argument("--per-family", type=int, default=600)
    given = arguments.parse_args()

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        texts(given.train, given.per_family),
        trainers.BpeTrainer(
            vocab_size=given.vocabulary,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    given.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(given.out / "tokenizer.json"))
    (given.out / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "<|end|>",
        "pad_token": "<|end|>",
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1024,
        "chat_template": CHAT_TEMPLATE,
    }, indent=2) + "\n")
    print(json.dumps({"vocabulary": tokenizer.get_vocab_size()}))


if __name__ == "__main__":
    main()
