"""Makes test/fixtures/model: tiny random Llama checkpoints, and what transformers and PEFT compute with them.

usage: python scripts/parity/make_fixtures.py [folder]      needs torch, transformers, peft, safetensors, tokenizers

Each checkpoint is a Hugging Face folder with a byte-level BPE tokenizer and a chat template. Beside it, expected.json and expected.safetensors hold
the logits of a text, the loss and every LoRA gradient of a packed batch, and 64 tokens of greedy decoding.
"""

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

RANK, ALPHA = 4, 8
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
TEXT = """module counter(input clk, input reset, output reg [7:0] value);
  always @(posedge clk) begin
    if (reset) value <= 8'd0; else value <= value + 8'd1;
  end
endmodule
"""
CASES = {
    # Grouped key-value heads, an output layer of its own, shards, rotary scaling, and sizes that fill no block of 32.
    "grouped-untied-sharded-bf16": dict(
        dtype=torch.bfloat16, shards=True,
        config=dict(hidden_size=40, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, head_dim=12, intermediate_size=72,
                    tie_word_embeddings=False, rms_norm_eps=1e-5, max_position_embeddings=256,
                    rope_parameters=dict(rope_type="llama3", rope_theta=10000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                         original_max_position_embeddings=32))),
    "tied-f32": dict(
        dtype=torch.float32, shards=False,
        config=dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4, head_dim=8, intermediate_size=64,
                    tie_word_embeddings=True, attention_bias=False, mlp_bias=False, rms_norm_eps=1e-6, max_position_embeddings=256,
                    rope_parameters=dict(rope_type="default", rope_theta=500000.0))),
    "linear-f16": dict(
        dtype=torch.float16, shards=False,
        config=dict(hidden_size=48, num_hidden_layers=1, num_attention_heads=6, num_key_value_heads=1, head_dim=8, intermediate_size=80,
                    tie_word_embeddings=True, rms_norm_eps=1e-5, max_position_embeddings=256,
                    rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0))),
}


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|user|>", "<|assistant|>"]
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator([TEXT] * 3, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|end|>", extra_special_tokens=special[1:], clean_up_tokenization_spaces=False)
    fast.chat_template = CHAT_TEMPLATE
    return fast


def packed_batch(vocabulary, generator):
    """Two rows of 24 positions: three documents, one of them behind another, and padding at the end."""
    length = 24
    documents = torch.full((2, length), -1)
    positions = torch.zeros((2, length), dtype=torch.long)
    labels = torch.zeros((2, length), dtype=torch.long)
    weights = torch.zeros((2, length))
    ids = torch.randint(0, vocabulary, (2, length), generator=generator)
    for row, start, end in [(0, 0, 9), (0, 9, 22), (1, 0, 17)]:
        documents[row, start:end] = start + 1
        positions[row, start:end] = torch.arange(end - start)
        labels[row, start:end - 1] = ids[row, start + 1:end]
        # Only the latter part of a document counts, as a completion does.
        weights[row, (start + end) // 2:end - 1] = torch.rand(end - 1 - (start + end) // 2, generator=generator) + 0.5
    return ids, documents, positions, labels, weights


def attention_mask(documents):
    length = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    seen = same & torch.tril(torch.ones(length, length, dtype=torch.bool))
    return torch.where(seen, 0.0, torch.finfo(torch.float32).min)[:, None]


def make(folder, case, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    tokenizer = make_tokenizer()
    config = LlamaConfig(vocab_size=304, bos_token_id=None, eos_token_id=tokenizer.eos_token_id, pad_token_id=None, initializer_range=0.2, **case["config"])
    model = LlamaForCausalLM(config)
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    model.to(case["dtype"]).save_pretrained(folder, max_shard_size="40KB" if case["shards"] else "1GB")
    tokenizer.save_pretrained(folder)
    # What counts is what the files hold, computed in f32.
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()

    messages = [{"role": "user", "content": "Write a counter."}, {"role": "assistant", "content": TEXT}]
    chat = tokenizer.apply_chat_template(messages, tokenize=False)
    prompt = tokenizer.apply_chat_template(messages[:1], tokenize=False, add_generation_prompt=True)
    ids = tokenizer(chat, add_special_tokens=False)["input_ids"]
    prompt_ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
        greedy = list(prompt_ids)
        for _ in range(64):
            greedy.append(int(model(torch.tensor([greedy])).logits[0, -1].argmax()))

    peft = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"))
    factors = {name: parameter for name, parameter in peft.named_parameters() if parameter.requires_grad}
    with torch.no_grad():
        for parameter in factors.values():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)
    batch_ids, documents, positions, labels, weights = packed_batch(config.vocab_size, generator)
    output = peft(input_ids=batch_ids, attention_mask=attention_mask(documents), position_ids=positions).logits
    logarithms = torch.log_softmax(output, -1)
    of_label = logarithms.gather(-1, labels[..., None])[..., 0]
    loss = -(of_label * weights).sum() / weights.sum()
    loss.backward()

    # A PEFT factor is [outputs, inputs]; ours are the other way round.
    ours = lambda name: name.replace("base_model.model.", "").replace(".default.weight", "")
    tensors = {"logits": logits, "log_probability": of_label.detach(), "weights": weights}
    for name, parameter in factors.items():
        tensors[f"adapter.{ours(name)}"] = parameter.detach().T
        tensors[f"gradient.{ours(name)}"] = parameter.grad.T
    save_file({name: value.float().contiguous() for name, value in tensors.items()}, folder / "expected.safetensors")
    integers = lambda value: value.flatten().tolist()
    (folder / "expected.json").write_text(json.dumps({
        "messages": messages, "chat": chat, "prompt": prompt, "ids": ids, "promptIds": prompt_ids, "greedy": greedy[len(prompt_ids):],
        "rank": RANK, "alpha": ALPHA, "targets": TARGETS, "loss": float(loss), "best": integers(output.argmax(-1)),
        "batch": {"rows": 2, "rowLength": 24, "ids": integers(batch_ids), "labels": integers(labels), "positions": integers(positions), "documents": integers(documents)},
    }) + "\n")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "test/fixtures/model")
    for seed, (name, case) in enumerate(CASES.items()):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        make(folder, case, seed)
        total = sum(file.stat().st_size for file in folder.iterdir() if not file.name.startswith("expected"))
        weights = load_file(next(folder.glob("model*.safetensors")))
        print(f"{name}: {total / 1e3:.0f} kB, {next(iter(weights.values())).dtype}")


main()
