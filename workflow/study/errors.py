"""The one kind of error that a user of the study can mend."""


class StudyError(Exception):
    """A mistake with a remedy, shown as one message and never as a traceback.

    Args:
        what: what is wrong, in one sentence.
        where: the file, config key, row or run in which it was found.
        expected: what would have been right.
        do: what the user can do now.
    """

    def __init__(self, what: str, *, where: str = "", expected: str = "", do: str = "") -> None:
        super().__init__(what, where, expected, do)
        self.what, self.where, self.expected, self.do = what, where, expected, do

    def __reduce__(self):
        return _rebuild, self.args

    def __str__(self) -> str:
        parts = [("where", self.where), ("expected", self.expected), ("do", self.do)]
        return "\n".join([self.what, *(f"  {name + ':':<10}{text}" for name, text in parts if text)])


def _rebuild(what: str, where: str, expected: str, do: str) -> StudyError:
    return StudyError(what, where=where, expected=expected, do=do)
