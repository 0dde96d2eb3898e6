"""Explain in one sentence why a command failed."""

from __future__ import annotations

import re
import signal

from medvos.cohort.case import Case
from medvos.cohort.child import Ended
from medvos.cohort.folder import CINE_SUFFIXES, LABEL_SUFFIXES
from medvos.errors import InputError

PREFIX = "medvos: "
SHORTEST_NAME = 4  # letters; a shorter name is hardly a person's, and may be a word or a number of the sentence
EXCEPTION = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|Interrupt))\b", re.MULTILINE)


def why_it_failed(ended: Ended, log: str, log_name: str) -> str:
    """Return the error message of a command, or how it ended.

    Of an exception only the type is reported: its text may identify the patient.
    """
    if ended.timed_out:
        return f"It was ended after {ended.seconds:.0f} s; give it longer with --timeout, or crop it to the heart."
    messages = [line.removeprefix(PREFIX) for line in log.splitlines() if line.startswith(PREFIX)]
    if ended.code == InputError.exit_code and messages:
        return messages[-1]
    return f"It {_how(ended.code, log)}; see {log_name}."


def without_names(sentence: str, case: Case) -> str:
    """Return ``sentence`` without the names of the case's files and folders, which may identify the patient.

    A file with the name of the case keeps it: that is known, and seed and cine may both have it.
    """
    files = (("the cine", case.cine), ("the seed", case.seed), ("the truth", case.truth))
    names = [(what, name) for what, path in files if path for name in (str(path), path.name) if _may_tell(name, case)]
    # First where a sentence says what a file is: the cine may have the same name.
    for stated in (True, False):
        for what, name in names:
            before = f"(?i:{what}) " if stated else ""
            sentence = re.sub(rf"{before}(?<!\w){re.escape(name)}(?!\w)", what, sentence)
    # A seed or a truth is called so.
    sentence = f"The cine {sentence}" if sentence.startswith(f"{case.cine.name} ") else sentence
    return sentence[:1].upper() + sentence[1:]


def _may_tell(name: str, case: Case) -> bool:
    """Whether a name tells more than that of the case."""
    suffix = name.removeprefix(case.name).lower() if name.startswith(case.name) else None
    return len(name) >= SHORTEST_NAME and suffix not in ("", *CINE_SUFFIXES, *LABEL_SUFFIXES)


def _how(code: int, log: str) -> str:
    if code == -getattr(signal, "SIGKILL", 0):
        return "was killed, probably for lack of memory"
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    exceptions = EXCEPTION.findall(log)
    return f"ended unexpectedly (exit code {code}{', ' + exceptions[-1] if exceptions else ''})"
