"""Data sets: from any source to one prepared form, with a card."""


rule prepare_data:
    """Read a data set, check it, add its label noise, and draw its card."""
    output:
        arrays=f"{paths.data_folder('{dataset}')}/arrays.safetensors",
        examples=f"{paths.data_folder('{dataset}')}/examples.parquet",
        record=f"{paths.data_folder('{dataset}')}/card.json",
        card=report(
            f"{paths.data_folder('{dataset}')}/card.html",
            caption="../report/data_card.rst",
            category="Data",
            labels={"data set": "{dataset}", "what": "data card"},
        ),
    log:
        paths.log(paths.data_folder("{dataset}")),
    benchmark:
        paths.benchmark(paths.data_folder("{dataset}"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        settings=lambda wc: STUDY.datasets[wc.dataset].model_dump_json(),
        study_seed=STUDY.seed,
        files=lambda wc: file_stamps(STUDY.datasets[wc.dataset]),
        code=code_version("study.data.sources"),
    message:
        "Preparing the data set {wildcards.dataset}"
    shell:
        "python -m study prepare --dataset {wildcards.dataset} 2>&1 | tee {log}"
