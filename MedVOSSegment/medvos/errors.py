"""The errors that the engine raises on purpose; everything else is a defect."""


class MedVOSError(Exception):
    """Base of every error that a caller may want to catch."""

    exit_code = 1


class InputError(MedVOSError):
    """The user's input is at fault. The message is one sentence that says what is wrong and how to correct it."""

    exit_code = 2


class Cancelled(MedVOSError):
    """The user stopped the work; nothing was written under a final name."""

    exit_code = 3
