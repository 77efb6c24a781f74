"""What the report shows: figures, tables, cards, and rules with their times."""

from types import SimpleNamespace

from snakemake.io import regex_from_filepattern


def tables_drawn(figure, dataset):
    """The tables that a figure is drawn from."""
    found = []
    for source in figure.inputs.values():
        files = source(SimpleNamespace(dataset=dataset)) if callable(source) else source
        found += [files] if isinstance(files, str) else files
    return [path.format(dataset=dataset) for path in found if path.endswith(".csv")]


def figure_for_report(chapter, name, figure, dataset):
    """What the report says of a figure, and its files."""
    return {
        "chapter": chapter,
        "name": name,
        "title": figure.title,
        "section": figure.section,
        "dataset": dataset,
        "paper": figure.paper,
        "rule": f"{chapter}_figure_{name}",
        "files": figure_files(chapter, name, dataset),
        "tables": tables_drawn(figure, dataset),
    }


def timed_rules():
    """Rules with the pattern of their jobs' benchmark files."""
    return [
        {"name": rule.name, "benchmark": regex_from_filepattern(rule.benchmark)}
        for rule in workflow.rules
        if rule.benchmark
    ]


def contents_of_report():
    """Write down what the report shows where its job reads it: a name of its own for each content."""
    datasets = dict.fromkeys(
        dataset for chapter in STUDY.chapters for dataset in getattr(STUDY, chapter).datasets
    )
    contents = {
        "figures": [
            figure_for_report(chapter, *figure)
            for chapter in STUDY.chapters
            for figure in figures_of(chapter)
        ],
        "tables": {
            chapter: {name: paths.table(chapter, name) for name in tables_of(chapter)}
            for chapter in STUDY.chapters
        },
        "cards": {
            dataset: {ending: f"{paths.data_folder(dataset)}/card.{ending}" for ending in ("json", "html")}
            for dataset in datasets
        },
        "rules": timed_rules(),
    }
    path = Path(paths.WORK) / f"report-{digest(json.dumps(contents))}.json"
    if not path.exists():
        write_json(path, contents)
    return str(path)
