"""Tiny checkpoints with the real libraries' answers, for tests/check_cases.py: `make_models.py FOLDER [NAME…]`.
`make_models.py --fixtures fixtures/models` writes the committed set: FIXTURES, one of each architecture, still smaller.

Needs torch, transformers, tokenizers, safetensors and bitsandbytes (versions are written into every golden.json). Weights
are random, so margins are small and every mistake in the arithmetic shows in the logits. A model is a row of MODELS; its
tokenizer one of TOKENIZERS; how large they become, with which texts and runs, a Plan.
"""

import argparse
import collections
import json
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import bitsandbytes
import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HIDDEN, LAYERS = 32, 3
COMMON = dict(hidden_size=HIDDEN, intermediate_size=48, num_hidden_layers=LAYERS, num_attention_heads=4, num_key_value_heads=2,
              max_position_embeddings=128, bos_token_id=0, eos_token_id=1, pad_token_id=2)
TEXTS = [
    "The quick brown fox jumps over the lazy dog.", "I'm sure they've said it's fine; we'd say he'll DON'T.",
    "  leading spaces and   inner runs", "line one\nline two\n\n\ttabbed\r\n", "你好，世界！日本語と한국어",
    "emoji 😀👍🏽 family 👨\u200d👩\u200d👧 flag 🇫🇷", "Pi is 3.14159, year 2026, 1,234,567 items; 0x1F",
    "naïve café Straße — “quotes” … ½ ﬁ Ａ", "def f(x):\n    return x**2  # comment\n", "", "a", "Привет, мир", " ",
    "hello<|x|>world", "<s> hi </s>", "▁▁x", "e\u0301 vs é", "\xa0nbsp\u200bzwsp", "\x00nul", "12345678901234567890",
    "tail   ", "a\u2028b", "हिन्दी", "word\u3000全角", "don't ſ 'ſ",
]
SMALL_TEXTS = [
    "The quick brown fox jumps over the lazy dog.", "I'm sure they've said it's fine;  he'll DON'T.", "line one\n\n\ttabbed 1,234,567",
    "naïve café 😀👍🏽 你好", "", "hello<|x|>world  ", "e\u0301 vs é",
]


@dataclass(frozen=True)
class Plan:
    texts: list
    prompts: list  # the first ones: dynamic rope remembers the texts before
    tokens: int
    values: dict  # of the config, stronger than COMMON
    dtype: torch.dtype
    bytes: int  # vocabularies of the byte-level, …
    pieces: int
    unigram: int
    words: int


FULL = Plan(TEXTS, [0, 1, 2, 3, 4, 5], 12, {}, torch.float32, bytes=320, pieces=400, unigram=260, words=300)
SMALL = Plan(SMALL_TEXTS, [0, 1, 2], 8, dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2), torch.bfloat16,
             bytes=160, pieces=344, unigram=128, words=128)


# ---- tokenizers ----

def trained(plan, tokenizer, trainer, ascii=False):
    texts = [text for text in plan.texts if text.isascii() or not ascii]
    tokenizer.train_from_iterator([line for text in texts for line in [text, text.lower(), text.upper()]] * 3, trainer)
    return tokenizer


def byte_level(plan, pattern=None, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern is None)
    from tokenizers import Regex
    tokenizer.pre_tokenizer = level if pattern is None else pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated"), level])
    if normalizer:
        tokenizer.normalizer = normalizer
    alphabet = pre_tokenizers.ByteLevel.alphabet() if plan.bytes > 256 else []  # else what the texts have
    trained(plan, tokenizer, trainers.BpeTrainer(vocab_size=plan.bytes, special_tokens=["<s>", "</s>", "<pad>"],
                                                 initial_alphabet=alphabet, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 0)])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def sentencepiece_bpe(plan, prepend):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if prepend == "legacy":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=prepend, split=False)
    fallback = [f"<0x{b:02X}>" for b in range(256)]  # for all that isn't ASCII
    trained(plan, tokenizer, trainers.BpeTrainer(vocab_size=plan.pieces, special_tokens=["<s>", "</s>", "<pad>", "<unk>"] + fallback,
                                                 show_progress=False), ascii=True)
    said = json.loads(tokenizer.to_str())
    said["added_tokens"] = [token for token in said["added_tokens"] if token["content"] not in fallback]
    tokenizer = Tokenizer.from_str(json.dumps(said))
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 0)])
    return tokenizer


def unigram(plan, normalizer, pre_tokenizer):
    """The characters and the most frequent parts of words: the library's trainer differs from run to run."""
    counts = collections.Counter()
    for text in plan.texts:
        for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text)):
            counts.update(word[i:j] for i in range(len(word)) for j in range(i + 1, min(i + 6, len(word)) + 1))
    special = ["<s>", "</s>", "<pad>", "<unk>"]
    ranked = sorted(counts, key=lambda piece: (len(piece) > 1, -counts[piece] * len(piece), piece))[:plan.unigram - len(special)]
    pieces = [(piece, math.log(counts[piece] / counts.total()) - rank / 1000) for rank, piece in enumerate(ranked)]
    tokenizer = Tokenizer(models.Unigram([(piece, 0.0) for piece in special] + pieces, special.index("<unk>"), False))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])
    return tokenizer


def wordpiece(plan):
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trained(plan, tokenizer, trainers.WordPieceTrainer(vocab_size=plan.words, special_tokens=["<s>", "</s>", "<pad>", "<unk>"],
                                                       show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("</s>", 1), ("<s>", 0))
    return tokenizer


def falcon(plan):
    from tokenizers import Regex
    tokenizer = byte_level(plan)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")])
    return tokenizer


def added(plan):
    tokenizer = byte_level(plan, normalizer=normalizers.NFKC())
    tokenizer.add_tokens([AddedToken("<|x|>", lstrip=True, rstrip=True), AddedToken("lazy", single_word=True),
                          AddedToken("   ", normalized=False), AddedToken("é", normalized=True)])
    return tokenizer


LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TOKENIZERS = {
    "gpt2": byte_level,
    "llama3": lambda plan: byte_level(plan, LLAMA3, ignore_merges=True),
    "legacy": lambda plan: sentencepiece_bpe(plan, "legacy"),
    "first": lambda plan: sentencepiece_bpe(plan, "first"),
    "always": lambda plan: sentencepiece_bpe(plan, "always"),
    "unigram": lambda plan: unigram(plan, normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.StripAccents(), normalizers.Lowercase()]),
                               pre_tokenizers.Metaspace()),
    "unigram_strip": lambda plan: unigram(plan, normalizers.Sequence([normalizers.Strip(), normalizers.NFD()]),
                                     pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first")])),
    "wordpiece": wordpiece,
    "whitespace": lambda plan: unigram(plan, normalizers.NFC(), pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)])),
    "falcon": falcon,
    "added": added,
}

# ---- models ----

VISION = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2, image_size=16, patch_size=8)
LONG = [1.0 + i / 2 for i in range(4)]
# name: (config class without "Config", its values, tokenizer, tokenizer_class)
MODELS = {
    "llama_bias_yarn": ("Llama", dict(attention_bias=True, mlp_bias=True, rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32)), "gpt2", None),
    "llama_dynamic": ("Llama", dict(max_position_embeddings=24, rope_scaling=dict(rope_type="dynamic", factor=2.0)), "llama3", None),
    "llama_class": ("Llama", dict(head_dim=12), "legacy", "LlamaTokenizer"),
    "llama_llama3": ("Llama", dict(rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)), "first", None),
    "mistral": ("Mistral", dict(sliding_window=6, head_dim=16), "always", None),
    "mixtral": ("Mixtral", dict(num_local_experts=4, num_experts_per_tok=2), "added", None),
    "qwen2": ("Qwen2", dict(use_sliding_window=True, sliding_window=5, max_window_layers=1), "gpt2", "Qwen2Tokenizer"),
    "qwen3": ("Qwen3", dict(head_dim=16), "gpt2", None),
    "gemma": ("Gemma", dict(head_dim=16, num_key_value_heads=1), "legacy", "GemmaTokenizer"),
    "gemma2": ("Gemma2", dict(head_dim=16, query_pre_attn_scalar=12, sliding_window=5, attn_logit_softcapping=3.0, final_logit_softcapping=4.0), "unigram", None),
    "gemma3": ("Gemma3Text", dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=5, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                                  rope_parameters=dict(full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1e6), sliding_attention=dict(rope_type="default", rope_theta=1e4))), "unigram_strip", None),
    "gemma3_vision": ("Gemma3", dict(head_dim=8, query_pre_attn_scalar=16, sliding_window=5, layer_types=["sliding_attention", "full_attention"]), "unigram_strip", None),
    "phi3": ("Phi3", dict(rope_scaling=dict(type="longrope", long_factor=LONG, short_factor=[1.0] * 4), original_max_position_embeddings=20), "first", None),
    "phi3_partial": ("Phi3", dict(partial_rotary_factor=0.5, sliding_window=7), "wordpiece", None),
    "gpt2": ("GPT2", dict(n_embd=HIDDEN, n_head=4, n_layer=LAYERS, n_positions=128, scale_attn_by_inverse_layer_idx=True), "gpt2", "GPT2Tokenizer"),
    "gpt_neox": ("GPTNeoX", dict(rotary_pct=0.5), "gpt2", "GPTNeoXTokenizer"),
    "gpt_neox_sequential": ("GPTNeoX", dict(use_parallel_residual=False, attention_bias=False), "gpt2", None),
    "opt": ("OPT", dict(ffn_dim=48), "gpt2", "GPT2Tokenizer"),
    "opt_post": ("OPT", dict(ffn_dim=48, do_layer_norm_before=False, word_embed_proj_dim=24), "whitespace", None),
    "falcon_7b": ("Falcon", dict(), "falcon", None),
    "falcon_40b": ("Falcon", dict(new_decoder_architecture=True, num_kv_heads=2), "falcon", None),
    "falcon_rw": ("Falcon", dict(alibi=True, bias=True, multi_query=False, parallel_attn=False), "falcon", None),
    "bloom": ("Bloom", dict(n_head=4, n_layer=LAYERS), "gpt2", None),
    "bloom_post": ("Bloom", dict(n_head=6, n_layer=LAYERS, hidden_size=48, apply_residual_connection_post_layernorm=True), "gpt2", None),
    "stablelm": ("StableLm", dict(use_qkv_bias=True), "gpt2", None),
    "stablelm_parallel": ("StableLm", dict(use_parallel_residual=True, qk_layernorm=True, partial_rotary_factor=0.5), "gpt2", None),
    "olmo2": ("Olmo2", dict(), "gpt2", None),
    "smollm3": ("SmolLM3", dict(no_rope_layers=[1, 0, 1]), "llama3", None),
    "granite": ("Granite", dict(embedding_multiplier=4.0, residual_multiplier=0.5, attention_multiplier=0.2, logits_scaling=2.0), "gpt2", None),
}
# name: (its row of MODELS, other values, other runs than FIXTURE_RUNS)
FIXTURE_RUNS = ["fp32", "nf4_fp32"]
FIXTURES = {
    "llama": ("llama_llama3", {}, ["nf4", "int8"]),
    "mistral": ("mistral", dict(head_dim=8, tie_word_embeddings=True), []),
    "mixtral": ("mixtral", {}, []),
    "qwen2": ("qwen2", {}, ["nf4"]),
    "qwen3": ("qwen3", dict(head_dim=8, tie_word_embeddings=True), []),
    "gemma": ("gemma", dict(head_dim=8), []),
    "gemma2": ("gemma2", dict(head_dim=8), []),
    "gemma3": ("gemma3", dict(head_dim=8, layer_types=["sliding_attention", "full_attention"]), []),
    "phi3": ("phi3", dict(rope_scaling=dict(type="longrope", long_factor=[1.5, 2.5], short_factor=[1.0, 1.25])), ["int8"]),
    "gpt2": ("gpt2", dict(n_embd=16, n_layer=2), ["nf4", "int8"]),
    "gpt_neox": ("gpt_neox", {}, []),
    "opt": ("opt", dict(ffn_dim=24), []),
    "falcon": ("falcon_40b", {}, []),
    "bloom": ("bloom", dict(n_layer=2), []),
    "stablelm": ("stablelm", dict(partial_rotary_factor=0.5), []),
    "olmo2": ("olmo2", {}, []),
    "smollm3": ("smollm3", dict(no_rope_layers=[1, 0], tie_word_embeddings=True), []),
    "granite": ("granite", dict(tie_word_embeddings=True), []),
    "gemma3_vision": ("gemma3_vision", {}, []),
    "saved_nf4": ("llama_llama3", dict(tie_word_embeddings=True), ["saved_fp32"]),
    "saved_fp4": ("gpt2", dict(n_embd=16, n_layer=2), ["saved_bf16"]),
    "saved_int8": ("phi3", dict(rope_scaling=dict(type="longrope", long_factor=[1.5, 2.5], short_factor=[1.0, 1.25])), ["saved_fp16"]),
}
# name of a fixture whose weights are saved as this run has them, and read again in its own
SAVED = {"saved_nf4": "nf4_dq_fp32", "saved_fp4": "fp4", "saved_int8": "int8"}
BNB = dict(load_in_4bit=True, bnb_4bit_quant_type="nf4")
RUNS = {
    "fp32": dict(dtype="float32"),
    "bf16": dict(dtype="bfloat16"),
    "nf4": dict(dtype="bfloat16", quantization_config=dict(BNB, bnb_4bit_compute_dtype="bfloat16")),
    "nf4_dq": dict(dtype="bfloat16", quantization_config=dict(BNB, bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype="bfloat16")),
    "nf4_dq_fp32": dict(dtype="float32", quantization_config=dict(BNB, bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype="float32")),
    "nf4_fp32": dict(dtype="float32", quantization_config=BNB),
    "fp4": dict(dtype="bfloat16", quantization_config=dict(load_in_4bit=True, bnb_4bit_quant_type="fp4")),
    "int8": dict(dtype="float16", quantization_config=dict(load_in_8bit=True)),
    "saved_fp32": dict(dtype="float32"),
    "saved_bf16": dict(dtype="bfloat16"),
    "saved_fp16": dict(dtype="float16"),
}


def sha256(tensor):
    import hashlib
    return hashlib.sha256(tensor.detach().cpu().contiguous().numpy().tobytes()).hexdigest()


def quantized_modules(model):
    out = {}
    for name, module in model.named_modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            state = module.weight.quant_state
            if state is None or "vision_tower" in name:
                continue
            entry = {"shape": list(state.shape), "packed_sha256": sha256(module.weight)}
            entry["absmax8_sha256" if state.nested else "absmax_sha256"] = sha256(state.absmax)
            out[name.replace("model.language_model.", "model.")] = entry
        elif isinstance(module, bitsandbytes.nn.Linear8bitLt):
            state = module.state if module.state.SCB is not None else module.weight  # it moves at the first call
            out[name] = {"shape": list(module.weight.shape), "int8_sha256": sha256(state.CB), "scb_sha256": sha256(state.SCB)}
    return out


def load(folder, arguments):
    arguments = dict(arguments, dtype=getattr(torch, arguments["dtype"]))
    if "quantization_config" in arguments:
        arguments["quantization_config"] = transformers.BitsAndBytesConfig(**arguments["quantization_config"])
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, **arguments).eval()
    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            module.support_avx512bf16_for_cpu = False  # the portable form, not the packed one of some processors
    return model


def generate(model, ids, tokens):
    with torch.no_grad():
        out = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=tokens,
                             do_sample=False, output_logits=True, return_dict_in_generate=True)
    logits = [step[0].float() for step in out.logits]
    top = [step.topk(2).values for step in logits]
    return out.sequences[0, len(ids):].tolist(), [round(float(t[0] - t[1]), 5) for t in top], logits[0].tolist()


def runs(folder, ids, plan, modes):
    out, quant, tokens = {}, {}, plan.tokens
    for mode in modes:
        arguments = RUNS[mode]
        model = load(folder, arguments)
        rows = [generate(model, ids[i], tokens) for i in plan.prompts]
        smallest = 0.5 if not mode.endswith("fp32") else 0.01
        upto = [next((k for k, m in enumerate(row[1]) if m < smallest), tokens) for row in rows]
        out[mode] = {"load": arguments, "greedy": [row[0][:n] for row, n in zip(rows, upto)], "margins": [row[1] for row in rows]}
        if mode in ("fp32", "bf16", "nf4_fp32", "saved_fp32"):
            out[mode]["first_step_logits_text0"] = [float(f"{x:.6g}") for x in rows[0][2]]
        quant[mode] = quantized_modules(model)
        if not quant[mode]:
            del quant[mode]
    return out, quant


def make(folder, name, plan, other, modes, saved=None):
    kind, values, tokenizer_name, tokenizer_class = MODELS[name]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = TOKENIZERS[tokenizer_name](plan)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "model_max_length": 128}
    if tokenizer.token_to_id("<unk>") is not None:
        names["unk_token"] = "<unk>"
    names["tokenizer_class"] = tokenizer_class or "PreTrainedTokenizerFast"
    (folder / "tokenizer_config.json").write_text(json.dumps(names, indent=1))
    torch.manual_seed(len(name) * 7 + sum(map(ord, name)))
    size = (tokenizer.get_vocab_size() + 7) // 8 * 8
    values = {**COMMON, **plan.values, **values, **other, "vocab_size": size, "initializer_range": 0.3}
    if kind == "Gemma3":
        values = dict(text_config=values, vision_config=VISION, mm_tokens_per_image=4, image_token_index=3, boi_token_index=4, eoi_token_index=5)
    config = getattr(transformers, kind + "Config")(**values)
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.2)
            elif kind == "Mixtral" or parameter.std() < 0.1:
                parameter.copy_(torch.randn_like(parameter) * 0.3)
    model.to(plan.dtype).save_pretrained(folder)
    if saved:
        load(folder, RUNS[saved]).save_pretrained(folder)
    generation = folder / "generation_config.json"
    generation.write_text(json.dumps({"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}))
    auto = transformers.AutoTokenizer.from_pretrained(folder)
    ids = [auto(text)["input_ids"] for text in plan.texts]
    out, quant = runs(folder, ids, plan, modes)
    golden = {
        "architecture": type(model).__name__, "new_tokens": plan.tokens,
        "versions": {m.__name__: m.__version__ for m in (torch, transformers, bitsandbytes)},
        "tokenizer": {"auto_class": type(auto).__name__, "cases": [{"text": t, "ids": i} for t, i in zip(plan.texts, ids)],
                      "pad_token_id": auto.pad_token_id, "eos_token_id": auto.eos_token_id, "bos_token_id": auto.bos_token_id},
        "prompt_text_indices": plan.prompts, "runs": out, "quant": quant,
    }
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--fixtures", action="store_true", help="the committed set")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    for name in given.names or (FIXTURES if given.fixtures else MODELS):
        if given.fixtures:
            row, other, more = FIXTURES[name]
            saved = SAVED.get(name)
            make(given.folder / name, row, SMALL, other, more if saved else FIXTURE_RUNS + more, saved)
        else:
            make(given.folder / name, name, FULL, {}, list(RUNS))
        print(name, file=sys.stderr)


if __name__ == "__main__":
    main()
