"""EleutherAI's lm-evaluation-harness on the checkpoints of pre-trained decoders."""

ASKED = EXPERTS.pretraining.harness
PRETRAINED = paths.run_folder("experts", "{dataset}", "{model}", "{seed}")


rule ask_harness:
    """What a checkpoint answers to tasks of the harness; its program is in an environment of its own."""
    input:
        checkpoint=[f"{PRETRAINED}/{name}" for name in (*paths.MODEL_FILES, *paths.TOKENIZER_FILES)],
        questions=f"{paths.data_folder('{dataset}')}/{paths.QUESTIONS}",
    output:
        f"{PRETRAINED}/{paths.HARNESS}",
    log:
        paths.log(f"{PRETRAINED}/{paths.HARNESS}"),
    benchmark:
        paths.benchmark(f"{PRETRAINED}/{paths.HARNESS}")
    threads: STUDY.runtime.threads
    resources:
        **of_a_training(),
        **asks("ask_harness"),
    params:
        folder=lambda wc, input: os.path.dirname(input.checkpoint[0]),
        options=ASKED.options,
        device=STUDY.runtime.device,
        code=code_version("study.analysis.harness.run"),
    message:
        "Asking {wildcards.model}, seed {wildcards.seed} on {wildcards.dataset}, what the harness asks"
    shell:
        "python -m study harness --checkpoint {params.folder} --questions {input.questions} "
        "--output {output} --device {params.device} {params.options} 2>&1 | tee {log}"
