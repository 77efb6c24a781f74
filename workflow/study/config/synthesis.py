"""Settings of the chapter `synthesis`."""

from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from study.config.base import Name
from study.config.experts import PhoneBookTask
from study.config.fingerprint import FingerprintSettings
from study.config.question_chapter import QuestionChapter
from study.config.questions import BookSettings


class SharedBookTask(PhoneBookTask):
    """A phone book of one size, that all models of the chapter learn."""

    tuning_name: ClassVar[str] = "shared-book"

    @staticmethod
    def name_of(entries: int) -> str:
        """Not that of a book of the chapter `experts`: another name gives other entries."""
        return f"shared-book-{entries}"


class SynthesisSettings(BookSettings, QuestionChapter):
    """The chapter `synthesis`: scores of difficulty turned on a mixture of experts and on dense models."""

    seeds: Annotated[int, Field(ge=6)] = 12
    """Runs of each model: seeds 0, 1, 2, ...; those of `equal_active` are also taken as two halves."""
    seeds_per_job: Annotated[int, Field(ge=1)] = 6
    """Seeds that one job trains one after the other."""
    mixture: Name
    """A mixture of experts, by its name under `models`."""
    equal_active: Name
    """A dense model with as many parameters at work for a token, routers and embeddings aside."""
    equal_total: Name
    """A dense model with as many parameters in all, embeddings aside."""
    entries: Annotated[int, Field(ge=20)]
    """Entries of the phone book that all three learn: too many for `equal_active`, not for `mixture`."""
    fingerprint: FingerprintSettings = FingerprintSettings()
    """Fingerprint of the mixture against each dense model; its score also says which entries are hard."""

    @model_validator(mode="after")
    def _three_models(self) -> "SynthesisSettings":
        if len({self.mixture, self.equal_active, self.equal_total}) < 3:
            raise ValueError("mixture, equal_active and equal_total are three different models")
        return self

    @cached_property
    def book(self) -> SharedBookTask:
        """The task of all models."""
        of_book = self.model_dump(include=set(BookSettings.model_fields))
        models = (self.equal_active, self.mixture, self.equal_total)
        return SharedBookTask(**of_book, books={model: [self.entries] for model in models})

    @property
    def tasks(self) -> dict[str, SharedBookTask]:
        """The one task, by the name of its tuning."""
        return {self.book.tuning_name: self.book}

    @property
    def dense(self) -> dict[str, str]:
        """The dense models that the mixture is compared with, by what is equal."""
        return {"equal_active": self.equal_active, "equal_total": self.equal_total}

    @property
    def halves(self) -> tuple[range, range]:
        """Two disjoint halves of the seeds: A says what is hard, gains are counted from B."""
        return range(self.seeds // 2), range(self.seeds // 2, self.seeds)
