"""Data sets: from any source to one prepared form, with a card."""


rule prepare_data:
    """Read a data set, check it, and add its label noise."""
    input:
        lambda wc: [
            f"{paths.data_folder(other)}/examples.parquet"
            for other in STUDY.all_datasets[wc.dataset].without
        ],
    output:
        arrays=f"{paths.data_folder('{dataset}')}/arrays.safetensors",
        examples=f"{paths.data_folder('{dataset}')}/examples.parquet",
    log:
        paths.log(paths.data_folder("{dataset}")),
    benchmark:
        paths.benchmark(paths.data_folder("{dataset}"))
    resources:
        **asks("prepare_data"),
    params:
        settings=lambda wc: STUDY.all_datasets[wc.dataset].model_dump_json(exclude={"licence"}),
        study_seed=STUDY.seed,
        files=lambda wc: source_stamp(STUDY.all_datasets[wc.dataset]),
        code=lambda wc: code_version(loader_of(STUDY.all_datasets[wc.dataset])),
    message:
        "Preparing the data set {wildcards.dataset}"
    shell:
        "python -m study prepare --dataset {wildcards.dataset} 2>&1 | tee {log}"


rule data_card:
    """What is in a data set: counts, classes, licence, digest, label noise, pictures."""
    input:
        training_data(),
    output:
        record=f"{paths.data_folder('{dataset}')}/card.json",
        card=f"{paths.data_folder('{dataset}')}/card.html",
    log:
        paths.log(f"{paths.data_folder('{dataset}')}/card.html"),
    benchmark:
        paths.benchmark(f"{paths.data_folder('{dataset}')}/card.html")
    resources:
        **asks("data_card"),
    params:
        settings=lambda wc: STUDY.all_datasets[wc.dataset].model_dump_json(),
        code=lambda wc: code_version(describer_of(STUDY.all_datasets[wc.dataset])),
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python -m study card --dataset {wildcards.dataset} 2>&1 | tee {log}"
