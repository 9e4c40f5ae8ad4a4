#!/usr/bin/env python3
"""Writes tiny checkpoints that the examples of tests/oracle.py load, besides those of fixtures/models: oracle_models.py FOLDER

Each has random weights and a tokenizer or an image processor: bert, bert-classifier, bert-ner, bert-qa, t5, vit, and
llama-unpadded, without a pad token, wide enough for the kernels of 4 bits. Its tokenizer is that of FOLDER/llama.
They are written by a release of transformers 4, whose files 5 reads too.
"""

import sys
from pathlib import Path

import torch
import transformers as hf
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = "the a cat dog sat on mat ran in park red blue house is was good bad film hello world paris france".split()
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *"abcdefghijklmnopqrstuvwxyz.,!?"]
SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


def bert(folder, name, cls, **settings):
    config = hf.BertConfig(vocab_size=len(BERT), max_position_embeddings=64, **SMALL, **settings)
    cls(config).save_pretrained(folder / name)
    (folder / "vocab.txt").write_text("\n".join(BERT) + "\n")
    hf.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder / name)
    (folder / "vocab.txt").unlink()


def t5(folder):
    vocabulary = {word: i for i, word in enumerate(["<pad>", "</s>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", special_tokens=[("</s>", 1)])
    fast = hf.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=64)
    config = hf.T5Config(
        vocab_size=len(vocabulary), d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)
    hf.T5ForConditionalGeneration(config).save_pretrained(folder / "t5")
    fast.save_pretrained(folder / "t5")


def vit(folder):
    config = hf.ViTConfig(image_size=8, patch_size=4, num_labels=3, **SMALL)
    hf.ViTForImageClassification(config).save_pretrained(folder / "vit")
    hf.ViTImageProcessor(size={"height": 8, "width": 8}).save_pretrained(folder / "vit")


def llama_unpadded(folder):
    config = hf.LlamaConfig(
        vocab_size=344, max_position_embeddings=128, bos_token_id=0, eos_token_id=1, dtype="bfloat16",
        hidden_size=128, intermediate_size=128, num_hidden_layers=2, num_attention_heads=2)
    hf.LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder / "llama-unpadded")
    tokenizer = hf.AutoTokenizer.from_pretrained(folder / "llama")
    tokenizer.pad_token = None
    tokenizer.save_pretrained(folder / "llama-unpadded")


def main():
    folder = Path(sys.argv[1])
    torch.manual_seed(0)
    bert(folder, "bert", hf.BertForMaskedLM)
    bert(folder, "bert-classifier", hf.BertForSequenceClassification, num_labels=3)
    bert(folder, "bert-ner", hf.BertForTokenClassification, id2label={0: "O", 1: "B-PER", 2: "I-PER"})
    bert(folder, "bert-qa", hf.BertForQuestionAnswering)
    t5(folder)
    vit(folder)
    llama_unpadded(folder)


if __name__ == "__main__":
    main()
