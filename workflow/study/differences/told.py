"""A comparison of two results folders in words."""

from collections.abc import Iterator

from study.differences.found import DEVIATIONS, Comparison, Difference, Number, Values, Word
from study.plotting.words import count_of

_LONG = 80  # characters of a text that are shown


def in_words(found: Comparison, most: int, tolerance: float = 0.0) -> str:
    """What differs, a summary first; at most so many lines for a file."""
    if found.same:
        return "the results are the same"
    lines = [_summary(found)]
    for folder, only in ((found.a, found.only_a), (found.b, found.only_b)):
        lines += _cut([f"only in {folder}: {_place(name, count)}" for name, count in only.items()], most)
    for difference in sorted(found.differences, key=_urgency):
        told = _of_file(difference)
        if told:
            lines += [f"{difference.name}:", *(f"  {line}" for line in _cut(told, most))]
    plain = [each.name for each in found.differences if not (each.opened or each.unread)]
    lines += _cut([f"differs: {name}" for name in plain], most)
    if tolerance > 0:
        lines.append(_verdict(found.beyond(tolerance), tolerance))
    return "\n".join(lines)


def _summary(found: Comparison) -> str:
    """`2 of 318 files differ; 14 numbers moved, the largest by 0.31 standard errors: file, row, column`."""
    ending = "s" if len(found.differences) == 1 else ""
    parts = [f"{len(found.differences):,} of {count_of(found.files, 'file')} differ{ending}"]
    for folder, only in ((found.a, found.only_a), (found.b, found.only_b)):
        if only:
            count = sum(only.values())
            parts.append(f"{count:,} {'is' if count == 1 else 'are'} only in {folder}")
    unread = sum(bool(difference.unread) for difference in found.differences)
    words = [word for difference in found.differences for word in difference.words]
    verdicts = sum(word.column == "verdict" for word in words)
    columns = [values for difference in found.differences for values in difference.values]
    parts += [f"{unread:,} cannot be read"] if unread else []
    parts += [f"{count_of(verdicts, 'verdict')} changed"] if verdicts else []
    if columns:
        moved = sum(values.moved for values in columns)
        parts.append(f"{count_of(moved, 'value')} of examples and arrays moved")
    return "; ".join([*parts, _of_numbers(found)])


def _of_numbers(found: Comparison) -> str:
    numbers = [(each, number) for each in found.differences for number in each.numbers]
    known = [pair for pair in numbers if pair[1].standard_errors == pair[1].standard_errors]
    if not numbers:
        return "no number in a table moved"
    moved = f"{count_of(len(numbers), 'number')} moved"
    if not known:
        return f"{moved}, none of which has a standard error"
    of_file, largest = max(known, key=lambda pair: abs(pair[1].standard_errors))
    without = f" ({len(numbers) - len(known):,} have no standard error)" if len(known) < len(numbers) else ""
    where = ", ".join(part for part in (of_file.name, largest.row, largest.column) if part)
    return f"{moved}{without}, the largest by {_errors(largest)}: {where}"


def _of_file(found: Difference) -> list[str]:
    """Lines on a file, what matters most first."""
    lines = [f"cannot be compared: {reason}" for reason in found.unread]
    lines += [*map(_of_word, found.words), *found.missing, *map(_of_number, found.numbers)]
    lines += [*map(_of_values, found.values), *found.notes]
    if found.opened and not lines:
        lines.append("the same content, written in another way")
    return lines


def _urgency(found: Difference) -> tuple:
    """Files that cannot be read and changed verdicts first, then by name."""
    verdict = any(word.column == "verdict" for word in found.words)
    return not found.unread, not verdict, found.name


def _of_word(word: Word) -> str:
    return f"{_where(word.row, word.column)} was {_text(word.a)}, is {_text(word.b)}"


def _of_number(number: Number) -> str:
    told = f"{_where(number.row, number.column)} was {_value(number.a)}, is {_value(number.b)}"
    if number.difference != number.difference:
        return told
    beside = _errors(number) if number.standard_errors == number.standard_errors else _relative(number)
    return f"{told} ({number.difference:+.3g}{', ' + beside if beside else ''})"


def _of_values(values: Values) -> str:
    parts = [f"{values.column}: {values.moved:,} of {count_of(values.values, 'value')} moved"]
    if values.largest == values.largest:
        largest, median = values.in_units
        unit = f"{values.unit} of the column" if values.unit == DEVIATIONS else values.unit
        beside = f" ({_digits(largest)} and {_digits(median)} {unit})" if unit else ""
        parts.append(f"by {values.largest:.3g} at most, {values.median:.3g} in the median{beside}")
    if values.lost:
        parts.append(f"{values.lost:,} missing or infinite on one side")
    if values.correlation == values.correlation:
        parts.append(f"Spearman correlation {values.correlation:.4f}")
    return f"{', '.join(parts)}; most: {values.most.row}"


def _where(row: str, column: str) -> str:
    return f"{row}: {column}" if row else column


def _errors(number: Number) -> str:
    digits = _digits(abs(number.standard_errors))
    return f"{digits} standard error{'' if digits == '1' else 's'}"


def _digits(value: float) -> str:
    """Two digits that matter, without exponents for large numbers."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _relative(number: Number) -> str:
    return f"{100 * number.relative:+.2g} %" if number.relative == number.relative else ""


def _value(value: float) -> str:
    return f"{value:.6g}" if value == value else "missing"


def _text(text: str) -> str:
    text = " ".join(text.split())
    return (text if len(text) <= _LONG else text[: _LONG - 3] + "...") or "empty"


def _place(name: str, count: int) -> str:
    return f"{name} ({count_of(count, 'file')})" if name.endswith("/") else name


def _cut(lines: list[str], most: int) -> Iterator[str]:
    """The first lines, and how many more there are."""
    yield from lines[:most]
    if len(lines) > most:
        yield f"and {len(lines) - most:,} more"


def _verdict(beyond: list[str], tolerance: float) -> str:
    if not beyond:
        return f"nothing moved by more than {tolerance:g} standard errors"
    named = f"{', '.join(beyond[:3])}{', ...' if len(beyond) > 3 else ''}"
    many = f"{len(beyond):,} files or folders differ" if len(beyond) > 1 else "1 file or folder differs"
    return f"{many} by more than {tolerance:g} standard errors, or in what has none: {named}"
