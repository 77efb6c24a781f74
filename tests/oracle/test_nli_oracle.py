"""Generated inference by a solver that reads the sentences back and tries every model of a small world."""

import re
import sys
from itertools import product
from operator import eq, gt, lt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.mutation import mutated

from study.data.text import nli as nli_module
from study.data.text import nli_families, nli_logic, nli_quantifiers
from study.data.text import nli_world as world

seeds = st.integers(0, 2**32 - 1)
E, N, C = range(3)
MARKERS = (
    *("indeed", "of course", "as expected", "perhaps surprisingly", "by the way", "for some reason"),
    *("on the contrary", "in reality", "however"),
)
NUMBER = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
PERSON = "((?:the )?[a-z]+)"
BASE = {past: base for table in (world.DEEDS, world.LOCAL_DEEDS, world.TRANSITIVE) for base, past in table}
SINGULAR = {many: one for one, many in world.GROUPS}


def chains(tree):
    """Each word below the tops, with all words that hold where it does."""
    over = {}
    for top, groups in tree.items():
        for middle, leaves in groups.items():
            over |= {middle: (top, middle)} | {leaf: (top, middle, leaf) for leaf in leaves}
    return over


OVER = {"thing": chains(world.KINDS), "place": chains(world.PLACES), "action": chains(world.ACTIONS)}


def bare(sentence):
    """A sentence without its full stop, asides, manners and markers."""
    assert sentence.endswith(" .") and sentence == " ".join(sentence.split()) == sentence.lower()
    sentence = sentence.removesuffix(" .")
    asides = "|".join(world.ASIDES)
    sentence = re.sub(rf" (while|although) ({asides})$", "", sentence)
    sentence = re.sub(rf"^({'|'.join(MARKERS)}) , ", "", sentence)
    return " ".join(word for word in sentence.split() if word not in world.MANNERS)


# What a quantifier says of the members of a group.
QUANTIFIERS = (
    ("not all of the|not all|not every", lambda members: not all(members)),
    ("all of the|all|every", all),
    ("some of the|some|at least one", any),
    ("none of the|no", lambda members: not any(members)),
)


def quantified(text):
    """A statement about a group: what it is about, and when it holds of its members."""
    for words, holds in QUANTIFIERS:
        if match := re.fullmatch(rf"(?:{words}) (.+)", text):
            said = match[1]
            if match := re.fullmatch(rf"([a-z]+) of {PERSON} are ([a-z]+)", said):
                return ("kept", *match.groups()), holds
            if match := re.fullmatch(r"([a-z]+) in the ([a-z]+) ([a-z]+)", said):
                return ("in", SINGULAR.get(match[1], match[1]), match[2], BASE[match[3]]), holds
            if match := re.fullmatch(r"([a-z]+) (?:was|were) ([a-z]+)", said):
                return ("felt", SINGULAR.get(match[1], match[1]), match[2]), holds
            if (match := re.fullmatch(r"([a-z]+) ([a-z]+)", said)) and match[2] in BASE:
                return ("did", SINGULAR.get(match[1], match[1]), BASE[match[2]]), holds
    return None


def polarity(text):
    """A text without its negation, and whether it had one."""
    for lead, yes in (("it is true that ", True), ("it is false that ", False)):
        if text.startswith(lead):
            return text.removeprefix(lead), yes
    words = text.split()
    if "nowhere" in words:
        return text.replace("nowhere", "somewhere"), False
    if "did" in words and "not" in words:  # did not praise -> praised
        place = words.index("did")
        past = next(past for past, base in BASE.items() if base == words[place + 2])
        return " ".join([*words[:place], past, *words[place + 3 :]]), False
    if "not" in words:
        return " ".join(word for word in words if word != "not"), False
    return text, True


def tree_word(text):
    """(what it is about, the word said of it), for kinds and places."""
    for pattern in (
        rf"what {PERSON} ([a-z]+) is an? ([a-z]+)",
        rf"the thing that {PERSON} ([a-z]+) is an? ([a-z]+)",
        rf"{PERSON} ([a-z]+) one thing and it is an? ([a-z]+)",
    ):
        if match := re.fullmatch(pattern, text):
            return ("thing", match[1], match[2]), match[3]
    if match := re.fullmatch(rf"{PERSON} is (?:somewhere )?in ([a-z]+)", text):
        return ("place", match[1]), match[2]
    if match := re.fullmatch(rf"([a-z]+) is where {PERSON} is", text):
        return ("place", match[2]), match[1]
    return None


SOME_PAIRS = list(product((0, 1), repeat=2))  # who did it to the other; or who has how much of something
COUNTING = {
    "exactly": lambda have, n: have == n,
    "at least": lambda have, n: have >= n,
    "more than": lambda have, n: have > n,
    "at most": lambda have, n: have <= n,
    "fewer than": lambda have, n: have < n,
}


def number(text):
    how, who = f"(?P<how>{'|'.join(COUNTING)}) (?P<n>{'|'.join(NUMBER)})", "(?P<who>(?:the )?[a-z]+)"
    for pattern in (
        rf"(?:it is true that )?{who} has {how} (?P<what>[a-z]+)",
        rf"{how} (?P<what>[a-z]+) belong to {who}",
        rf"the number of (?P<what>[a-z]+) that {who} has is {how}",
    ):
        if match := re.fullmatch(pattern, text):
            holds = [COUNTING[match["how"]](have, NUMBER[match["n"]]) for have in range(40)]
            return ("number", match["who"], match["what"]), range(40), holds.__getitem__
    return None


def attribute(text):
    match = re.fullmatch(r"(?:anybody can see that )?the ([a-z]+) (?:here )?is ([a-z]+)", text)
    if match:
        for name, (things, values) in world.DIMENSIONS.items():
            if match[1] in things and match[2] in values:
                return ("attribute", match[1], name), values, lambda value: value == match[2]
    return None


def action(text):
    match = re.fullmatch(rf"{PERSON} is ([a-z]+ing)(?: now)?", text)
    if not match:
        return None
    doing = OVER["action"]
    top = doing.get(match[2], (match[2],))[0]
    acts = [(), *doing.values(), *((top,) for top in world.ACTIONS)]
    return ("action", match[1], top), acts, lambda act: match[2] in act


def in_order(a, b):
    """The pair, and the places of a and b in it."""
    pair = tuple(sorted((a, b)))
    return pair, pair.index(a), pair.index(b)


def role(text):
    done = "|".join(past for _, past in world.TRANSITIVE)
    if match := re.fullmatch(rf"{PERSON} and {PERSON} ({done}) each other", text):
        return ("role", tuple(sorted(match.groups()[:2])), match[3]), SOME_PAIRS, all
    if match := re.fullmatch(rf"neither {PERSON} nor {PERSON} ({done}) the other", text):
        return ("role", tuple(sorted(match.groups()[:2])), match[3]), SOME_PAIRS, lambda deeds: not any(deeds)
    if match := re.fullmatch(rf"{PERSON} ({done}) {PERSON}", text):
        who, did, whom = match.groups()
    elif match := re.fullmatch(rf"{PERSON} was ({done}) by {PERSON}", text):
        whom, did, who = match.groups()
    else:
        return None
    pair, agent, _ = in_order(who, whom)
    return ("role", pair, did), SOME_PAIRS, lambda deeds: deeds[agent]


def comparison(text):
    names = {word: row for row in world.COMPARISONS for word in row}
    if match := re.fullmatch(rf"{PERSON} and {PERSON} are equally ([a-z]+)", text):
        a, b, word = match.groups()
    elif match := re.fullmatch(rf"{PERSON} is (?:exactly as )?([a-z]+) (?:as|than) {PERSON}", text):
        a, word, b = match.groups()
    else:
        return None
    pair, first, second = in_order(a, b)
    compare = (gt, lt, eq)[names[word].index(word)]
    return ("comparison", pair, names[word]), SOME_PAIRS, lambda size: compare(size[first], size[second])


def read(sentence):
    """What a sentence is about, the models of that, and the test that a model has to pass."""
    text = bare(sentence)
    if found := number(text):
        return found
    if found := quantified(text):
        about, holds = found
        return about, list(product((False, True), repeat=3)), holds
    text, yes = polarity(text)
    if found := tree_word(text):
        about, word = found
        leaves = [over for over in OVER[about[0]].values() if len(over) == 3]
        return about, leaves, lambda over: (word in over) == yes
    found = role(text) or comparison(text) or action(text) or attribute(text)
    about, models, holds = found
    return about, models, lambda model: bool(holds(model)) == yes


def solved(premise, hypothesis):
    """The label by all models in which the premise holds; what is about different things is independent."""
    about, models, given_holds = read(premise)
    other, _, holds = read(hypothesis)
    if about != other:
        return N
    outcomes = {holds(model) for model in models if given_holds(model)}
    assert outcomes, premise
    return N if len(outcomes) == 2 else E if outcomes == {True} else C


def agreement(part):
    """Of pairs with one reading."""
    return np.mean([solved(*pair) for pair in zip(*part.texts, strict=True)] == part.labels)


# Each ambiguous form: a pattern of premise and hypothesis, and the probability of each label.
TWO_READINGS = {
    "pronoun": (r"(\w+) told (\w+) that he was (\w+) \| \2 was \3", {E: 0.5, N: 0.5}),
    "scope": (r"all (\w+) did not (\w+) \| no (\w+) (\w+)", {E: 0.7, N: 0.3}),
    "numeral": (rf"{PERSON} has (\w+) (\w+) \| \1 has more than \2 \3", {N: 0.5, C: 0.5}),
    "either": (rf"{PERSON} or {PERSON} (\w+) \| \1 and \2 \3", {N: 0.7, C: 0.3}),
    "hue": (rf"the (\w+) of {PERSON} is turquoise \| the \1 of \2 is (?:blue|green)", {C: 0.5, E: 0.5}),
    "shade": (rf"the (\w+) of {PERSON} is greyish \| the \1 of \2 is (?:white|black)", {C: 0.7, E: 0.3}),
}


def form_of(premise, hypothesis):
    """The only ambiguous form that a pair is of."""
    pair = f"{bare(premise)} | {bare(hypothesis)}"
    fitting = {name: re.fullmatch(pattern, pair) for name, (pattern, _) in TWO_READINGS.items()}
    (name,) = (name for name, match in fitting.items() if match)
    if name == "scope":
        many, do, one, did = fitting[name].groups()
        assert SINGULAR[many] == one and BASE[did] == do
    return name


@settings(deadline=None, max_examples=8)
@given(seeds, st.sampled_from([0.0, 0.3]))
def test_every_label_follows_from_the_sentences(seed, artefacts):
    for part in nli_module.nli(400, 200, artefacts, 0.0, np.random.default_rng(seed)):
        assert agreement(part) == 1


def test_every_label_follows_in_a_corpus_of_the_usual_size():
    for part in nli_module.nli(3000, 1000, 0.0, 0.0, np.random.default_rng(0)):
        assert agreement(part) == 1
        kinds = ("identity", "negation", "unrelated")
        repeated, denied, apart = (part.facts["reasoning"] == kind for kind in kinds)
        assert (part.labels[repeated] == E).all() and (part.labels[denied] == C).all()
        assert (part.labels[apart] == N).all()
        about = [read(p)[0] == read(h)[0] for p, h in zip(*part.texts, strict=True)]
        assert (np.array(about) == ~apart).all()


def test_ambiguous_pairs_have_two_readings_with_the_documented_probabilities():
    part, _ = nli_module.nli(6000, 0, 0.2, 1.0, np.random.default_rng(1))
    drawn = {}
    facts = (part.facts[fact] for fact in ("other_label", "label_probability", "reasoning"))
    for premise, hypothesis, label, other, probability, reasoning in zip(
        *part.texts, part.labels, *facts, strict=True
    ):
        name = form_of(premise, hypothesis)
        chances = TWO_READINGS[name][1]
        assert name == reasoning and {label, other} == set(chances)
        assert probability == pytest.approx(chances[label])
        drawn.setdefault(name, []).append(label)
    for name, labels in drawn.items():
        first, chance = next(iter(TWO_READINGS[name][1].items()))
        share, error = np.mean(np.array(labels) == first), (chance * (1 - chance) / len(labels)) ** 0.5
        assert abs(share - chance) < 4 * error and len(labels) > 500


MUTANTS = [
    (nli_logic, ("if premise <= hypothesis:", "if hypothesis <= premise:")),  # hypernyms the wrong way around
    (nli_logic, ("return NEUTRAL if premise & hypothesis", "return NEUTRAL if premise - hypothesis")),
    (nli_quantifiers, ('polar("some", (), [_PART, _WHOLE], 3)', 'polar("some", (), [_PART], 3)')),
    (nli_quantifiers, ('"not all": ("not all {many} {did}"', '"not all": ("all {many} {did}"')),
    (nli_families, ('"at most": lambda n: range(n + 1)', '"at most": lambda n: range(n)')),
    (nli_families, ('*polar("back", (), [second, both], 4)', '*polar("back", (), [first, both], 4)')),
    (nli_families, ('*polar("less", (), [less], 3)', '*polar("less", (), [more], 3)')),
]


@pytest.mark.parametrize("module, edit", MUTANTS, ids=[edit[1] for _, edit in MUTANTS])
def test_the_solver_sees_mutants(module, edit, monkeypatch):
    """Modules that use the mutant are made anew on top of it."""
    chain = (nli_logic, nli_quantifiers, nli_families)
    for later in chain[chain.index(module) :]:
        mutant = mutated(later, *([edit] if later is module else []))
        monkeypatch.setattr(later.__name__, mutant)
        monkeypatch.setitem(sys.modules, later.__name__, mutant)
    part, _ = mutated(nli_module).nli(6000, 0, 0.0, 0.0, np.random.default_rng(0))
    assert agreement(part) < 1
