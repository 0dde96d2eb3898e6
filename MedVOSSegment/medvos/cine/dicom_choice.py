"""What was chosen among the series of an examination, and the reasons why the others are left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from medvos.cine.dicom_groups import Group
from medvos.cine.dicom_kinds import MAGNITUDE
from medvos.cine.dicom_lattice import offset, step_of
from medvos.cine.dicom_passes import UNDER_STRESS, Stack
from medvos.cine.dicom_slices import Slice

# In steps, from which on a slice is at a place of its own.
_OWN_PLACE = 0.55


@dataclass(frozen=True)
class Choice:
    """The stack that is read, the groups with the reason why each other is left out, and stacks that could be meant.

    `joined` are slices of the stack with another header, `left_out` those of its protocol that it does not hold.
    """

    stack: tuple[Slice, ...]
    groups: tuple[Group, ...]
    others: tuple[Stack, ...]
    joined: tuple[Slice, ...] = ()
    left_out: tuple[tuple[Slice, str], ...] = ()

    @property
    def numbers(self) -> tuple[tuple[int, ...], ...]:
        """The series numbers of each stack that could be meant, the chosen one first."""
        stacks = [self.stack, *(stack.slices for stack in self.others)]
        return tuple(tuple(sorted({slice_.first.series_number for slice_ in stack})) for stack in stacks)

    @property
    def instead(self) -> tuple[int, ...]:
        """The series numbers of the stack to read where the chosen one cannot be read; none of another protocol."""
        stacks = zip(self.others, self.numbers[1:], strict=True)
        return next((numbers for stack, numbers in stacks if not stack.slices[0].first.protocol.other_than_cine), ())

    @property
    def notes(self) -> list[str]:
        """A sentence for the series of one description, or images of the stack's series, and why they are left out."""
        names = series_names(self.groups)
        joined: dict[str, list[Slice]] = defaultdict(list)
        for slice_ in self.joined:
            joined[slice_.first.description].append(slice_)
        notes = [
            _joined_note([slice_.first.series for slice_ in found], self.groups, names) for found in joined.values()
        ]
        used = {id(slice_) for slice_ in self.stack}
        of_stack = {slice_.first.series for slice_ in self.stack}
        whole: dict[tuple[str, str], list[Group]] = defaultdict(list)
        for group in self.groups:
            if any(id(slice_) in used for slice_ in group.slices):
                notes += _parts_left_out(group, self.left_out, names[group.series])
            elif group.series not in of_stack and group.why_not:
                whole[group.why_not, group.first.first.description].append(group)
            elif group.why_not and group.shows != MAGNITUDE:
                notes.append(f"Left out the images of {names[group.series]} that show {group.shows}.")
            elif group.why_not:
                notes.append(f"Left out {_images(group.images)} of {names[group.series]}: {group.why_not}.")
        notes += [f"Left out {_together(groups, names)}: {why}." for (why, _), groups in whole.items()]
        if not_shown := self._places_not_shown():
            places = "1 place that lies" if not_shown == 1 else f"{not_shown} places that lie"
            notes.append(f"The slices left out show {places} beyond or between those of the stack.")
        return sorted(set(notes))

    def _places_not_shown(self) -> int:
        """How many places of the stack's protocol it does not show."""
        near = _OWN_PLACE * step_of(self.stack)
        beyond: list[Slice] = []
        for slice_, why in self.left_out:
            if near and why != UNDER_STRESS and offset(slice_, (*self.stack, *beyond)) > near:
                beyond.append(slice_)
        return len(beyond)


def _joined_note(series: Sequence[str], groups: Sequence[Group], names: dict[str, str]) -> str:
    name = _together([group for group in groups if group.series in series], names)
    several = len(set(series)) > 1
    verbs = ("have", "places", "they were") if several else ("has", "a place", "it was")
    return (
        f"{name[:1].upper()}{name[1:]} {verbs[0]} another header than the rest of the stack, and {verbs[1]} that the "
        f"stack lacks: {verbs[2]} taken as a part of it."
    )


def _parts_left_out(group: Group, left_out: Sequence[tuple[Slice, str]], name: str) -> list[str]:
    """Sentences on slices of a series whose others are used."""
    counts: dict[str, int] = defaultdict(int)
    own = {id(slice_) for slice_ in group.slices}
    for slice_, why in left_out:
        if id(slice_) in own:
            counts[why] += len(slice_.frames)
    return [f"Left out {_images(count)} of {name}: {why}." for why, count in counts.items()]


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _together(groups: Sequence[Group], names: dict[str, str]) -> str:
    """The series of groups of one description in words: `series 7, 8 and 9 'x' in a, b and c`."""
    numbers = sorted({group.first.first.series_number for group in groups})
    if len(numbers) == 1:
        return _listed(list(dict.fromkeys(names[group.series] for group in groups)))
    description = groups[0].first.first.description
    folders = [names[group.series].removeprefix(group.name).removeprefix(" in ") for group in groups]
    return (
        f"series {_listed(list(map(str, numbers)))}"
        + (f" '{description}'" if description else "")
        + (f" in {_listed(list(dict.fromkeys(folders)))}" if all(folders) else "")
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def series_names(groups: Sequence[Group]) -> dict[str, str]:
    """The name of each series: its number and description, and its folder where every series has its own."""
    folders = {group.series: group.first.first.path.parent for group in groups}
    apart = len(set(folders.values())) == len(folders) > 1
    return {
        group.series: group.name + (f" in {group.first.first.path.parent.name}" if apart else "") for group in groups
    }
