"""Settings of data sets: one class per source, told apart by the key `source`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from study.config.base import Fraction, Name, Once, Settings
from study.kinds import IMAGE, TEXT

Count = Annotated[int, Field(ge=1)]


class AnyData(Settings):
    """What every data set has."""

    licence: str = "not stated"
    """The licence as the source gives it; it is shown in the data card."""
    train_examples: Count | None = None
    """Use so many training examples, drawn at random in equal class shares; null: all."""
    test_examples: Count | None = None
    """Use so many test examples; null: all."""
    without: list[Name] = []
    """Leave out examples whose input is also in these data sets of the study, whatever their split."""
    label_noise: Fraction = 0.0
    """Exact fraction of the training labels that is moved to another class; the moves are recorded."""
    redrawn_labels: Fraction = 0.0
    """Exact fraction of the training labels that is drawn anew among all classes, so that some stay right."""

    @model_validator(mode="after")
    def _noise_of_one_kind(self) -> "AnyData":
        if self.label_noise and self.redrawn_labels:
            raise ValueError("label_noise and redrawn_labels are two kinds of noise: give one of them")
        return self

    @property
    def noisy(self) -> bool:
        """Whether training labels are wrong on purpose."""
        return bool(self.label_noise or self.redrawn_labels)

    @property
    def kind(self) -> str:
        """The kind of its examples."""
        return IMAGE

    @property
    def image_sides(self) -> tuple[int, int] | None:
        """Height and width of the images, where they are known before anything is read."""
        return None


class SplitData(AnyData):
    """A data set that may have to be split."""

    test_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Share of the examples that is held out, in equal class shares, where the source has no test split."""


class SklearnData(SplitData):
    """A data set that comes with scikit-learn."""

    source: Literal["sklearn"]
    name: Literal["digits"]
    """digits: 1,797 grey images of 8x8 pixels."""

    @property
    def image_sides(self) -> tuple[int, int]:
        return 8, 8


class GeneratedData(AnyData):
    """What is made here."""

    source: Literal["generated"]
    licence: str = "made here, free to use"
    """The licence; it is shown in the data card."""


class BlendsData(GeneratedData):
    """Images that are made here, each with a known reason to be hard."""

    family: Literal["blends"]
    """blends: an image is its class's pattern, blended to a known degree with another class's, and noise."""
    classes: Annotated[int, Field(ge=2)] = 10
    """Number of classes."""
    image_size: Annotated[int, Field(ge=4)] = 8
    """Side of an image in pixels."""
    channels: Literal[1, 3] = 1
    """Grey or colour."""
    train_size: Count = 1500
    """Training examples to make."""
    test_size: Count = 500
    """Test examples to make."""
    pixel_noise: Annotated[float, Field(ge=0, le=1)] = 0.15
    """Standard deviation of the pixel noise; 1 is the whole range of a pixel."""

    @property
    def image_sides(self) -> tuple[int, int]:
        return self.image_size, self.image_size


class NliData(GeneratedData):
    """Pairs of sentences whose label follows by logic, each with a known reason to be hard."""

    family: Literal["nli"]
    """nli: natural-language inference: does the hypothesis follow from the premise?"""
    train_size: Count = 3000
    """Training pairs to make."""
    test_size: Count = 4000
    """Test pairs to make."""
    artefacts: Fraction = 0.0
    """Share of the pairs whose hypothesis gives the label away by how it is written."""
    ambiguity: Fraction = 0.0
    """Share of the pairs whose label is drawn among two, with known probabilities."""

    @property
    def kind(self) -> str:
        return TEXT


class NluData(GeneratedData):
    """Utterances to an assistant, with domain, intent and slots; the label is the domain."""

    family: Literal["nlu"]
    """nlu: what is wanted of an assistant, and about what."""
    train_size: Count = 4000
    """Training utterances to make."""
    test_size: Count = 2400
    """Test utterances to make, equally many of each domain."""
    imbalance: Annotated[float, Field(ge=1)] = 40.0
    """Training utterances of the largest domain for one of the smallest."""
    slips: Fraction = 0.05
    """Share of the utterances with a word lost, swapped or misheard."""
    language: Literal["english", "mirrored", "fronted"] = "english"
    """english; or a language with words of its own: mirrored puts the head last, fronted says first what
    fills the slots, each with a particle. Languages hold other utterances, not each other's translations."""

    @property
    def kind(self) -> str:
        return TEXT


class ColumnData(SplitData):
    """A data set of rows with named columns."""

    image_column: str = "image"
    """Column with the pictures: images, nested lists of pixels, or paths of picture files."""
    text_columns: Annotated[list[str], Field(min_length=1, max_length=2), Once] | None = None
    """Columns with one text, or two: strings, or lists of words. So the examples are texts; null: images."""
    annotated_column: str | None = None
    """Column with utterances whose slots are marked, `wake me at [time : nine am]`: they give the text, and
    the fact `slots`, a BIO tag for each word."""
    by_character: bool = False
    """Of annotated utterances: each character outside ASCII is a word, as in languages without blanks."""
    label_column: str = "label"
    """Column with the classes: integers from 0, or names."""
    no_label: int | str | None = None
    """What stands in the label column of rows without a label (-1, say): they are left out."""
    fact_columns: Annotated[list[str], Once] = []
    """Of texts: columns that are kept beside, such as intents and slots."""

    @property
    def kind(self) -> str:
        return IMAGE if self.text_columns is None and self.annotated_column is None else TEXT

    @model_validator(mode="after")
    def _texts_have_one_source(self) -> "ColumnData":
        if self.text_columns is not None and self.annotated_column is not None:
            raise ValueError("text_columns and annotated_column both name the text: give one of them")
        if self.by_character and self.annotated_column is None:
            raise ValueError("by_character has no effect without annotated_column")
        taken = sorted(
            {"example_id", "split", "content", "label", "true_label", "flipped"} & {*self.fact_columns}
        )
        if taken:
            raise ValueError(f"fact_columns: the study has columns of these names itself: {', '.join(taken)}")
        if self.fact_columns and self.kind == IMAGE:
            raise ValueError("fact_columns has no effect without text_columns or annotated_column")
        return self


class FilesData(ColumnData):
    """Local files."""

    source: Literal["files"]
    format: Literal["parquet", "jsonl", "csv", "imagefolder"]
    """parquet, jsonl and csv hold a row per example; an imagefolder holds a folder of pictures per class."""
    train: Annotated[list[str], Field(min_length=1)]
    """Files (or, for an imagefolder, folders) of the training split."""
    test: Annotated[list[str], Field(min_length=1)] | None = None
    """Files of the test split; null: `test_fraction` of the training examples is held out."""

    @model_validator(mode="after")
    def _folders_have_no_columns(self) -> "FilesData":
        for key in ("image_column", "text_columns", "annotated_column", "label_column", "no_label"):
            if self.format == "imagefolder" and getattr(self, key) != type(self).model_fields[key].default:
                raise ValueError(f"{key} has no effect on an imagefolder, whose folders are its classes")
        return self


class HubData(ColumnData):
    """A data set of the Hugging Face hub, read through `datasets` without running code of its own."""

    source: Literal["hub"]
    id: str
    """Repository, for example `uoft-cs/cifar10`, or a local folder in the hub's own layout."""
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    """Commit of the repository; null is not pinned, and shown so. `python -m study pin` looks it up."""
    subset: str | None = None
    """Name of the repository's configuration, where it has several."""
    train: str = "train"
    """The repository's split to train on."""
    test: str | None = "test"
    """The repository's split to test on; null: `test_fraction` of the training examples is held out."""


GeneratedData = Annotated[BlendsData | NliData | NluData, Field(discriminator="family")]
DatasetSettings = Annotated[SklearnData | GeneratedData | FilesData | HubData, Field(discriminator="source")]
