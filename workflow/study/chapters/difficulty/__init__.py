"""Steps of the chapter `difficulty`, one module each; `run(study, dataset, ...)` is what a rule calls."""
