"""Settings of language understanding: domain, intent and slots of utterances, after pruning by samples."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from study.config.base import Name, Once, Settings
from study.config.training import TrainingChanges

Sampling = Literal["random", "stratified", "vog_class", "vog_dataset", "mixed"]
FULL = "full"


class UnderstandingSettings(Settings):
    """What an assistant still understands when training utterances are pruned."""

    dataset: Name
    """A data set of the chapter whose labels are domains."""
    model: Name
    """The encoder, of domains and within each domain."""
    intent: str = "intent"
    """The fact that names an utterance's intent; no two domains share one."""
    slots: str | None = "slots"
    """The fact with a BIO tag for each word, separated by blanks; null: the corpus has no slots."""
    traffic: str | None = "traffic"
    """The fact that says how often an utterance is said; null: it is not known."""
    samplings: Annotated[list[Sampling], Field(min_length=1), Once] = [
        *("random", "stratified", "vog_class", "vog_dataset", "mixed"),
    ]
    """How what is left is drawn: uniformly; in equal shares of each domain; by VoG, normalised within
    domains or over all; or by the mean of the latter and of how unusual the slots are for the intent."""
    fractions: Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1), Once] = [
        *(0.14, 0.46, 0.52),
    ]
    """Shares of the training utterances that are pruned."""
    floor: Annotated[float, Field(gt=0, lt=1)] = 0.01
    """Scores are mapped linearly to weights from here to 1."""
    seeds: Annotated[int, Field(ge=3)] = 5
    """Runs of each."""
    training: TrainingChanges = TrainingChanges()
    """What models of intent and slots change in the chapter's `training`."""

    @property
    def jobs(self) -> tuple[str, ...]:
        """The ways of sampling, and none: a job each."""
        return (FULL, *self.samplings)

    @model_validator(mode="after")
    def _slots_are_known(self) -> "UnderstandingSettings":
        if "mixed" in self.samplings and self.slots is None:
            raise ValueError("samplings: mixed needs slots, and slots is null")
        return self
