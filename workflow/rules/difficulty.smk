"""Chapter `difficulty`: train, record, aggregate, analyse, draw."""

for batch in run_batches():

    rule:
        name:
            f"train_seeds_{batch[0]}_to_{batch[-1]}"
        # One training per seed; each run records its example scores while it trains.
        input:
            arrays=f"{paths.data_folder('{dataset}')}/arrays.safetensors",
            examples=f"{paths.data_folder('{dataset}')}/examples.parquet",
        output:
            files_of_runs(batch, partial(paths.run_folder, CHAPTER, "{dataset}", "{model}")),
        log:
            paths.log(f"{paths.model_folder(CHAPTER, '{dataset}', '{model}')}/seeds={batch[0]}-{batch[-1]}"),
        benchmark:
            paths.benchmark(
                f"{paths.model_folder(CHAPTER, '{dataset}', '{model}')}/seeds={batch[0]}-{batch[-1]}"
            )
        threads: STUDY.runtime.threads
        resources:
            mem_mb=STUDY.runtime.memory_mb,
            runtime=STUDY.runtime.minutes,
        params:
            settings=settings_of_runs,
            seeds=batch,
            code=code_version("study.training.run"),
        message:
            "Training {wildcards.model} on {wildcards.dataset}, seeds {params.seeds}"
        shell:
            "python -m study train --chapter difficulty --dataset {wildcards.dataset} "
            "--model {wildcards.model} --seeds {params.seeds} --memory-mb {resources.mem_mb} 2>&1 | tee {log}"


rule aggregate_scores:
    """Mean, standard deviation, number of runs and rank error of every score, for each example."""
    input:
        lambda wc: [
            f"{paths.run_folder(CHAPTER, wc.dataset, wc.model, seed)}/examples.parquet"
            for seed in range(STUDY.difficulty.seeds)
        ],
    output:
        paths.scores(CHAPTER, "{dataset}", "{model}"),
    log:
        paths.log(paths.scores(CHAPTER, "{dataset}", "{model}")),
    benchmark:
        paths.benchmark(paths.scores(CHAPTER, "{dataset}", "{model}"))
    params:
        code=code_version("study.chapters.difficulty.aggregate"),
    message:
        "Averaging the scores of {wildcards.model} on {wildcards.dataset} over its runs"
    shell:
        "python -m study analyse aggregate --dataset {wildcards.dataset} "
        "--model {wildcards.model} 2>&1 | tee {log}"


rule consistency:
    """Run-to-run agreement and rank error of every score of a model, with intervals over runs."""
    input:
        paths.scores(CHAPTER, "{dataset}", "{model}"),
    output:
        model_analysis("consistency.csv"),
        model_analysis("rank_error_by_quantile.csv"),
        model_analysis("run_agreement.csv"),
    log:
        paths.log(model_analysis("consistency")),
    benchmark:
        paths.benchmark(model_analysis("consistency"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        code=code_version("study.chapters.difficulty.consistency"),
    message:
        "Measuring how far single runs of {wildcards.model} agree on {wildcards.dataset}"
    shell:
        "python -m study analyse consistency --dataset {wildcards.dataset} "
        "--model {wildcards.model} 2>&1 | tee {log}"


rule runs_needed:
    """What averaging a model's runs buys, and how many runs a score needs."""
    input:
        paths.scores(CHAPTER, "{dataset}", "{model}"),
    output:
        model_analysis("runs_needed.csv"),
        model_analysis("averaging.csv"),
        model_analysis("exponents.csv"),
    log:
        paths.log(model_analysis("runs_needed")),
    benchmark:
        paths.benchmark(model_analysis("runs_needed"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        draws=STUDY.difficulty.analysis.draws,
        code=code_version("study.chapters.difficulty.runs_needed"),
    message:
        "Measuring how many runs of {wildcards.model} a score needs on {wildcards.dataset}"
    shell:
        "python -m study analyse runs_needed --dataset {wildcards.dataset} "
        "--model {wildcards.model} 2>&1 | tee {log}"


rule correlation:
    """Correlation between scores of a model: of means, of means with single runs, of single runs."""
    input:
        paths.scores(CHAPTER, "{dataset}", "{model}"),
    output:
        model_analysis("score_correlation.csv"),
    log:
        paths.log(model_analysis("correlation")),
    benchmark:
        paths.benchmark(model_analysis("correlation"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        code=code_version("study.chapters.difficulty.correlation"),
    message:
        "Correlating the scores of {wildcards.model} on {wildcards.dataset}"
    shell:
        "python -m study analyse correlation --dataset {wildcards.dataset} "
        "--model {wildcards.model} 2>&1 | tee {log}"


rule components:
    """Principal components of a model's run-averaged scores, with parallel analysis."""
    input:
        paths.scores(CHAPTER, "{dataset}", "{model}"),
    output:
        model_analysis("components.csv"),
        model_analysis("loadings.csv"),
    log:
        paths.log(model_analysis("components")),
    benchmark:
        paths.benchmark(model_analysis("components"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        permutations=STUDY.difficulty.analysis.permutations,
        code=code_version("study.chapters.difficulty.components"),
    message:
        "Finding the components that scores of {wildcards.model} share on {wildcards.dataset}"
    shell:
        "python -m study analyse components --dataset {wildcards.dataset} "
        "--model {wildcards.model} 2>&1 | tee {log}"


rule join_models:
    """A table of a data set: those of its models, one below the other."""
    input:
        lambda wc: [
            paths.model_analysis(CHAPTER, wc.dataset, model, f"{wc.joined}.csv")
            for model in STUDY.difficulty.models_on(wc.dataset)
        ],
    output:
        analysis("{joined}.csv"),
    log:
        paths.log(analysis("{joined}.csv")),
    benchmark:
        paths.benchmark(analysis("{joined}.csv"))
    wildcard_constraints:
        joined="|".join(OF_EACH_MODEL),
    params:
        models=lambda wc: STUDY.difficulty.models_on(wc.dataset),
        code=code_version("study.chapters.collect"),
    message:
        "Joining the models' tables {wildcards.joined} on {wildcards.dataset}"
    shell:
        "python -m study collect --chapter difficulty --dataset {wildcards.dataset} "
        "--table {wildcards.joined} 2>&1 | tee {log}"


rule sensitivity:
    """Which examples two models find differently hard, and which alike."""
    input:
        of_all_models,
    output:
        analysis("sensitivity.parquet"),
        analysis("sensitivity.csv"),
        analysis("sensitivity_null.csv"),
        analysis("sensitivity_overall.csv"),
        analysis("sensitivity_qq.csv"),
        analysis("sensitive_examples.csv"),
    log:
        paths.log(analysis("sensitivity")),
    benchmark:
        paths.benchmark(analysis("sensitivity"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        models=lambda wc: STUDY.difficulty.models_on(wc.dataset),
        settings=STUDY.difficulty.analysis.sensitivity.model_dump(),
        code=code_version("study.chapters.difficulty.sensitivity"),
    message:
        "Testing which examples are sensitive to the model on {wildcards.dataset}"
    shell:
        "python -m study analyse sensitivity --dataset {wildcards.dataset} 2>&1 | tee {log}"


rule fingerprint:
    """Which model made a run, told from the scores of a few examples; with its leak tests."""
    input:
        of_all_models,
    output:
        analysis("fingerprint.csv"),
        analysis("fingerprint_differences.csv"),
        analysis("leak_tests.csv"),
    log:
        paths.log(analysis("fingerprint")),
    benchmark:
        paths.benchmark(analysis("fingerprint"))
    resources:
        mem_mb=STUDY.runtime.memory_mb,
        runtime=STUDY.runtime.minutes,
    params:
        models=lambda wc: STUDY.difficulty.models_on(wc.dataset),
        settings=STUDY.difficulty.analysis.fingerprint.model_dump(),
        code=code_version("study.chapters.difficulty.fingerprint"),
    message:
        "Fingerprinting the models on {wildcards.dataset}"
    shell:
        "python -m study analyse fingerprint --dataset {wildcards.dataset} 2>&1 | tee {log}"


rule figure_score_spread:
    """Mean of each score against its standard deviation over runs, and against its rank error."""
    input:
        scores=of_all_models,
    output:
        **figure("score_spread", "Spread over runs", "Consistency"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "score_spread", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "score_spread", "pdf"))
    params:
        **drawing("score_spread"),
    message:
        "Drawing how far scores spread over runs on {wildcards.dataset}"
    script:
        "../scripts/fig_score_spread.py"


rule figure_run_correlation:
    """Agreement of one run with the mean of the others, by score and model."""
    input:
        runs=analysis("run_agreement.csv"),
        consistency=analysis("consistency.csv"),
    output:
        **figure("run_correlation", "One run against the others", "Consistency"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "run_correlation", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "run_correlation", "pdf"))
    params:
        **drawing("run_correlation"),
    message:
        "Drawing how single runs agree on {wildcards.dataset}"
    script:
        "../scripts/fig_run_correlation.py"


rule figure_runs_needed:
    """Rank error and correlation of n-run means against n, with fit and extrapolation."""
    input:
        averaging=analysis("averaging.csv"),
        exponents=analysis("exponents.csv"),
        runs_needed=analysis("runs_needed.csv"),
    output:
        **figure("runs_needed", "Runs needed", "Consistency"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "runs_needed", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "runs_needed", "pdf"))
    params:
        **drawing("runs_needed"),
    message:
        "Drawing what averaging over runs buys on {wildcards.dataset}"
    script:
        "../scripts/fig_runs_needed.py"


rule figure_score_correlation:
    """Rank correlation between scores: means, means with runs, runs."""
    input:
        correlation=analysis("score_correlation.csv"),
    output:
        **figure("score_correlation", "Correlation between scores", "One notion of difficulty"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "score_correlation", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "score_correlation", "pdf"))
    params:
        **drawing("score_correlation"),
    message:
        "Drawing how scores correlate on {wildcards.dataset}"
    script:
        "../scripts/fig_score_correlation.py"


rule figure_principal_components:
    """Loadings and shares of variance of the components that scores have in common."""
    input:
        components=analysis("components.csv"),
        loadings=analysis("loadings.csv"),
    output:
        **figure("principal_components", "Principal components", "One notion of difficulty"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "principal_components", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "principal_components", "pdf"))
    params:
        **drawing("principal_components"),
    message:
        "Drawing the components that scores share on {wildcards.dataset}"
    script:
        "../scripts/fig_principal_components.py"


rule figure_sensitivity_manhattan:
    """Evidence that an example is differently hard for two models, and its null."""
    input:
        tests=analysis("sensitivity.parquet"),
        qq=analysis("sensitivity_qq.csv"),
        pairs=analysis("sensitivity.csv"),
        overall=analysis("sensitivity_overall.csv"),
        null=analysis("sensitivity_null.csv"),
    output:
        **figure("sensitivity_manhattan", "Sensitivity to the model", "Inductive bias"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "sensitivity_manhattan", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "sensitivity_manhattan", "pdf"))
    params:
        **drawing("sensitivity_manhattan"),
    message:
        "Drawing which examples are sensitive to the model on {wildcards.dataset}"
    script:
        "../scripts/fig_sensitivity_manhattan.py"


rule figure_example_gallery:
    """Pictures of the hardest, easiest, most and least sensitive examples."""
    input:
        arrays=f"{paths.data_folder('{dataset}')}/arrays.safetensors",
        examples=f"{paths.data_folder('{dataset}')}/examples.parquet",
        scores=of_all_models,
        sensitive=analysis("sensitive_examples.csv"),
    output:
        **figure("example_gallery", "Example gallery", "Inductive bias"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "example_gallery", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "example_gallery", "pdf"))
    params:
        **drawing("example_gallery", scores=[STUDY.difficulty.analysis.sensitivity.score]),
    message:
        "Drawing the hardest, easiest, most and least sensitive examples of {wildcards.dataset}"
    script:
        "../scripts/fig_example_gallery.py"


rule figure_fingerprint_accuracy:
    """Accuracy of naming a run's model from k examples, against k."""
    input:
        fingerprint=analysis("fingerprint.csv"),
        differences=analysis("fingerprint_differences.csv"),
        leaks=analysis("leak_tests.csv"),
    output:
        **figure("fingerprint_accuracy", "Fingerprint accuracy", "Inductive bias"),
    log:
        paths.log(paths.figure(CHAPTER, "{dataset}", "fingerprint_accuracy", "pdf")),
    benchmark:
        paths.benchmark(paths.figure(CHAPTER, "{dataset}", "fingerprint_accuracy", "pdf"))
    params:
        **drawing("fingerprint_accuracy"),
    message:
        "Drawing how well a few examples name the model on {wildcards.dataset}"
    script:
        "../scripts/fig_fingerprint_accuracy.py"
