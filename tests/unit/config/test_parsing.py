"""The text of a configuration: aliases may be used, and nothing may stand twice or grow without end."""

import pytest

from study.config.parsing import parse

MERGED = """
base: &base {lr: 0.1, epochs: 4}
fast: &fast {<<: *base, lr: 0.2}
again: {<<: *fast, epochs: 2}
once_more: {<<: *fast}
both: [*base, *base]
"""
GROWING = "l0: &l0 [1]\n" + "".join(f"l{k + 1}: &l{k + 1} [*l{k}, *l{k}]\n" for k in range(20))


def test_what_an_alias_names_may_be_changed_beside_it():
    found = parse(MERGED)
    assert found["fast"] == {"lr": 0.2, "epochs": 4} == found["once_more"]
    assert found["again"] == {"lr": 0.2, "epochs": 2} and found["both"] == [{"lr": 0.1, "epochs": 4}] * 2


def test_a_number_of_json_is_a_number():
    assert parse('{"lr": 1e-05}') == {"lr": 1e-05} and parse("lr: 1e-05") == {"lr": "1e-05"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", "'c' stands twice"),
        ('{"a": [{"b": 1, "b": 1}]}', "'b' stands twice"),
        ("a: &a {b: *a}\n", "holds itself"),
        ("a: &a [*a]\n", "holds itself"),
        ("a: !!timestamp soon\n", "of the type that its tag names"),
        ("a: " + "{b: " * 5000, "nested too deeply"),
        (GROWING, "200,000"),
    ],
)
def test_what_is_refused(text, told):
    with pytest.raises(ValueError, match=told):
        parse(text)
