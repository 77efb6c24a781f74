"""The harness itself, where it is installed: it finds what the study's own scorers find, answer by answer."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.analysis.harness.conftest import COLUMNS

from study import paths
from study.analysis.harness.run import Request, evaluate
from study.data.corpus.answers import SCORERS, exact_match, right_choice
from study.files import read_csv

INSTALLED = shutil.which(os.environ.get("LM_EVAL", Path(__file__).parents[4] / paths.HARNESS_COMMAND))
WORDS = ["the", "red", "blue", "old", "town", "yes", "no", *"0123456789+=;.,-:", "####", "1,000", "3.50"]
PROMPTS = [f"{a} {b} {c} :" for a in WORDS[:8] for b in WORDS[8:12] for c in WORDS[12:14]]
TOKENS = 8  # of an answer


class Model:
    """A small Mistral with random weights, and a tokenizer of words."""

    def __init__(self, folder):
        import torch
        from tokenizers import Tokenizer, models, pre_tokenizers
        from transformers import MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

        words = Tokenizer(models.WordLevel({w: i for i, w in enumerate(["[end]", "[unk]", *WORDS])}, "[unk]"))
        words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        special = {"eos_token": "[end]", "pad_token": "[end]", "unk_token": "[unk]"}
        self.tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, **special)
        config = MistralConfig(
            vocab_size=len(words.get_vocab()),
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=64,
            initializer_range=1.0,
            eos_token_id=0,
        )
        torch.manual_seed(0)
        self.torch, self.network = torch, MistralForCausalLM(config).eval()
        self.network.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    def answer(self, prompt):
        """The likeliest words, one after the other."""
        ids = self.tokenizer(prompt)["input_ids"]
        start = len(ids)
        while len(ids) < start + TOKENS and ids[-1] != 0:
            ids.append(int(self._logits(ids)[-1].argmax()))
        return self.tokenizer.decode(ids[start:], skip_special_tokens=True)

    def log_likelihood(self, prompt, text):
        """Of a text behind a prompt."""
        before, ids = (self.tokenizer(part)["input_ids"] for part in (prompt, f"{prompt} {text}"))
        likely = self._logits(ids).log_softmax(dim=-1)
        return float(sum(likely[place - 1, ids[place]] for place in range(len(before), len(ids))))

    def _logits(self, ids):
        with self.torch.no_grad():
            return self.network(input_ids=self.torch.tensor([ids])).logits[0]


def asked(said):
    """Questions of all measures: by what is said, some are right, some half right, some wrong."""
    rng = np.random.default_rng(0)
    for n, (prompt, text) in enumerate(said.items()):
        words = text.split()
        other = " ".join(rng.permutation(words)[: len(words) // 2])
        accepted = ([text], [other, "town"], [f"{text} red"], ["the blue"])[n % 4]
        yield f"f{n}", "words", "knowledge", "f1", prompt, accepted, True, []
        accepted = ([text], [f"red ; {words[-1]} ."], ["no"], [f"; {text}", "yes"])[n % 4]
        yield f"c{n}", "chain", "reasoning", "exact", prompt, accepted, n % 2 == 0, []
        numbers = [word for word in words if word[0].isdigit()] or ["7"]
        first, last = numbers[0], numbers[-1]
        accepted = ([f"{text} #### {last}"], [first, "42"], ["12"], [f"7 ; {last} ."])[n % 4]
        yield f"s{n}", "sum", "reasoning", "number", prompt, accepted, n % 2 == 0, []
        choices = ["red", "old town", "yes ; no"]
        yield f"m{n}", "pick", "common_sense", "choice", prompt, [choices[n % 3]], False, choices


def expected(model, frame, said):
    """{(task, metric): {question: our own score}}."""
    found = {}
    for row in frame.itertuples():
        task = f"own_{row.task}{'_trained' if row.trained and row.measure != 'f1' else ''}"
        if row.measure == "choice":
            likely = [model.log_likelihood(row.prompt, choice) for choice in row.choices]
            plain, by_character = right_choice(likely, row.choices, row.answers)
            scores = {"acc": plain, "acc_norm": by_character}
        else:
            text = said[row.prompt]
            score = SCORERS[row.measure](text, row.answers)
            whole = {"f1": score, "exact_match": exact_match(text, row.answers)}
            scores = whole if row.measure == "f1" else {"exact_match": score}
        for metric, score in scores.items():
            found.setdefault((task, metric), {})[row.example_id] = float(score)
    return found


@pytest.mark.skipif(INSTALLED is None, reason="make harness: it is not installed")
def test_the_harness_finds_what_our_scorers_find(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LM_EVAL", INSTALLED)
    model = Model(tmp_path / "model")
    said = {prompt: model.answer(prompt) for prompt in PROMPTS}
    frame = pd.DataFrame(asked(said), columns=COLUMNS)
    frame.to_parquet("questions.parquet")
    request = Request(Path("model"), questions=Path("questions.parquet"), device="cpu", answer_tokens=TOKENS)
    evaluate(request, Path("harness.csv"))
    table, right = read_csv("harness.csv"), expected(model, frame, said)
    for (task, metric), scores in right.items():
        row = table[(table["task"] == task) & (table["metric"] == metric)].iloc[0]
        (samples,) = Path("work/harness/harness").glob(f"samples_{task}_2*.jsonl")
        each = [json.loads(line) for line in samples.read_text().splitlines()]
        assert {one["doc"]["example_id"]: one[metric] for one in each} == pytest.approx(scores)
        assert row["value"] == pytest.approx(np.mean([*scores.values()]), rel=1e-5)
        assert row["n"] == len(scores)
        assert 0 < row["value"] < 1, (task, metric)
