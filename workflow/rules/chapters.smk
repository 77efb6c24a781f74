"""The rules of every chapter, from its plan: train, average, analyse, join, draw.

Rules are made in loops. What a job is told goes through `params`, which are fixed when a rule is made; shell and script
lines are put together when a job runs, after the loops' ends.
"""

for chapter, plan in PLANS.items():
    for name, datasets, seeds in batches(chapter):

        rule:
            """One training per seed; each run records its example scores while it trains."""
            name:
                name
            input:
                training_data(),
                plan.before_training,
            output:
                files_of_seeds(chapter, datasets, seeds),
            log:
                paths.log(paths.batch(chapter, "{dataset}", "{model}", seeds)),
            benchmark:
                paths.benchmark(paths.batch(chapter, "{dataset}", "{model}", seeds))
            wildcard_constraints:
                dataset="|".join(datasets),
            threads: partial(threads_of_training, chapter)
            resources:
                **of_a_training(partial(gpus_of_training, chapter)),
                **asks(name),
            params:
                launch=lambda wc, chapter=chapter: launcher(processes_of(chapter, wc.dataset)),
                chapter=chapter,
                settings=partial(settings_of_runs, chapter),
                seeds=not_recorded(seeds),
                code=lambda wc: training_version(*kind_and_architecture(wc)),
            message:
                "Training {wildcards.model} on {wildcards.dataset}, seeds {params.seeds}"
            shell:
                "{params.launch} -m study train --chapter {params.chapter} --dataset {wildcards.dataset} "
                "--model {wildcards.model} --seeds {params.seeds} 2>&1 | tee {log}"

    for jobs, part, batch in variant_batches(chapter):

        rule:
            """Trainings on parts of the training set, each evaluated at its end."""
            name:
                f"{chapter}_train_{jobs.name}_{part}"
            input:
                data_of_variants(chapter, jobs),
                plan.before_training,
            output:
                files_of_batch(batch),
            log:
                paths.log(paths.variant_batch(chapter, "{dataset}", "{model}", jobs.name, part)),
            benchmark:
                paths.benchmark(paths.variant_batch(chapter, "{dataset}", "{model}", jobs.name, part))
            threads: STUDY.runtime.threads
            resources:
                **of_a_training(),
                **asks(f"{chapter}_train_{jobs.name}_{part}"),
            params:
                chapter=chapter,
                jobs=jobs.name,
                settings=partial(settings_of_variants, batch),
                runs=not_recorded([f"{run.variant}/{run.seed}" for run in batch]),
                code=lambda wc: variants_version(*kind_and_architecture(wc)),
            message:
                "Training {wildcards.model} on parts of {wildcards.dataset} ({params.jobs})"
            shell:
                "python -m study train-variants --chapter {params.chapter} --dataset {wildcards.dataset} "
                "--model {wildcards.model} --runs {params.runs} 2>&1 | tee {log}"

    if plan.averaged:

        rule:
            """Mean, standard deviation, number of runs and rank error of every score, for each example."""
            name:
                f"{chapter}_aggregate"
            input:
                lambda wc, chapter=chapter: [
                    f"{paths.run_folder(chapter, wc.dataset, wc.model, seed)}/examples.parquet"
                    for seed in range(getattr(STUDY, chapter).seeds)
                ],
            output:
                paths.scores(chapter, "{dataset}", "{model}"),
            log:
                paths.log(paths.scores(chapter, "{dataset}", "{model}")),
            benchmark:
                paths.benchmark(paths.scores(chapter, "{dataset}", "{model}"))
            resources:
                **asks(f"{chapter}_aggregate"),
            params:
                chapter=chapter,
                code=code_version(f"study.chapters.{chapter}.aggregate"),
            message:
                "Averaging the scores of {wildcards.model} on {wildcards.dataset} over its runs"
            shell:
                "python -m study analyse aggregate --chapter {params.chapter} --dataset {wildcards.dataset} "
                "--model {wildcards.model} 2>&1 | tee {log}"

    for name, step in plan.of_model.items():

        rule:
            """An analysis of one model's runs."""
            name:
                f"{chapter}_{name}"
            input:
                step.inputs,
            output:
                step.files(paths.model_folder(chapter, "{dataset}", "{model}")),
            log:
                paths.log(paths.model_analysis(chapter, "{dataset}", "{model}", name)),
            benchmark:
                paths.benchmark(paths.model_analysis(chapter, "{dataset}", "{model}", name))
            resources:
                **asks(f"{chapter}_{name}"),
            params:
                chapter=chapter,
                step=name,
                settings=step.settings,
                code=code_version(f"study.chapters.{chapter}.{name}"),
            message:
                step.message
            shell:
                "python -m study analyse {params.step} --chapter {params.chapter} --dataset {wildcards.dataset} "
                "--model {wildcards.model} 2>&1 | tee {log}"

    for name, tables in plan.joined().items():

        rule:
            """Tables of a data set from an analysis: those of its models, one below the other."""
            name:
                f"{chapter}_join_{name}"
            input:
                lambda wc, chapter=chapter, tables=tables: [
                    paths.model_analysis(chapter, wc.dataset, model, table)
                    for model in getattr(STUDY, chapter).models_on(wc.dataset)
                    for table in tables
                ],
            output:
                [paths.analysis(chapter, "{dataset}", table) for table in tables],
            log:
                paths.log(paths.analysis(chapter, "{dataset}", f"join_{name}")),
            benchmark:
                paths.benchmark(paths.analysis(chapter, "{dataset}", f"join_{name}"))
            resources:
                **asks(f"{chapter}_join_{name}"),
            params:
                chapter=chapter,
                step=name,
                tables=tables,
                models=lambda wc, chapter=chapter: getattr(STUDY, chapter).models_on(wc.dataset),
                code=code_version("study.chapters.collect"),
            message:
                "Joining the models' tables on {wildcards.dataset}: {params.step}"
            shell:
                "python -m study join --chapter {params.chapter} --dataset {wildcards.dataset} "
                "--tables {params.tables} 2>&1 | tee {log}"

    for name, step in plan.of_dataset.items():

        rule:
            """An analysis of one data set, over its models."""
            name:
                f"{chapter}_{name}"
            input:
                step.inputs,
            output:
                step.files(paths.dataset_folder(chapter, "{dataset}")),
            log:
                paths.log(paths.analysis(chapter, "{dataset}", name)),
            benchmark:
                paths.benchmark(paths.analysis(chapter, "{dataset}", name))
            resources:
                **asks(f"{chapter}_{name}"),
            params:
                chapter=chapter,
                step=name,
                models=lambda wc, chapter=chapter: getattr(STUDY, chapter).models_on(wc.dataset),
                settings=step.settings,
                code=code_version(f"study.chapters.{chapter}.{name}"),
            message:
                step.message
            shell:
                "python -m study analyse {params.step} --chapter {params.chapter} --dataset {wildcards.dataset} "
                "2>&1 | tee {log}"

    for name, figure in plan.figures.items():

        rule:
            """A figure from tables."""
            name:
                f"{chapter}_figure_{name}"
            input:
                **figure.inputs,
            output:
                **figure_files(chapter, name, "{dataset}"),
            log:
                paths.log(paths.figure(chapter, "{dataset}", name, "pdf")),
            benchmark:
                paths.benchmark(paths.figure(chapter, "{dataset}", name, "pdf"))
            resources:
                **asks(f"{chapter}_figure_{name}"),
            params:
                **told_to_figure(chapter, name, figure, told_of_dataset(chapter)),
            message:
                figure.message
            script:
                "../scripts/fig_{params.figure}.py"

    for name, step in plan.of_chapter.items():

        rule:
            """An analysis over all data sets of a chapter."""
            name:
                f"{chapter}_{name}"
            input:
                step.inputs,
            output:
                [paths.table(chapter, table) for table in step.outputs],
            log:
                paths.log(paths.table(chapter, f"step_{name}")),
            benchmark:
                paths.benchmark(paths.table(chapter, f"step_{name}"))
            resources:
                **asks(f"{chapter}_{name}"),
            params:
                chapter=chapter,
                step=name,
                settings=step.settings,
                code=code_version(f"study.chapters.{chapter}.{name}"),
            message:
                step.message
            shell:
                "python -m study analyse {params.step} --chapter {params.chapter} 2>&1 | tee {log}"

    for name, figure in plan.chapter_figures.items():

        rule:
            """A figure from tables, over all data sets of a chapter."""
            name:
                f"{chapter}_figure_{name}"
            input:
                **figure.inputs,
            output:
                **figure_files(chapter, name),
            log:
                paths.log(paths.chapter_figure(chapter, name, "pdf")),
            benchmark:
                paths.benchmark(paths.chapter_figure(chapter, name, "pdf"))
            resources:
                **asks(f"{chapter}_figure_{name}"),
            params:
                **told_to_figure(chapter, name, figure),
            message:
                figure.message
            script:
                "../scripts/fig_{params.figure}.py"
