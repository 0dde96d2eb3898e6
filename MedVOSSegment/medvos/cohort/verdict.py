"""Explain in one sentence why a command failed."""

from __future__ import annotations

import re
import signal

from medvos.cohort.case import Case
from medvos.cohort.child import Ended
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
    """Return ``sentence`` without the names of the case's files and folders, which may identify the patient."""
    for what, path in (("the cine", case.cine), ("the seed", case.seed), ("the truth", case.truth)):
        for name in () if path is None else (str(path), path.name):
            if len(name) >= SHORTEST_NAME:
                sentence = re.sub(rf"(?:[Tt]he seed )?(?<!\w){re.escape(name)}(?!\w)", what, sentence)
    return sentence[:1].upper() + sentence[1:]


def _how(code: int, log: str) -> str:
    if code == -getattr(signal, "SIGKILL", 0):
        return "was killed, probably for lack of memory"
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    exceptions = EXCEPTION.findall(log)
    return f"ended unexpectedly (exit code {code}{', ' + exceptions[-1] if exceptions else ''})"
