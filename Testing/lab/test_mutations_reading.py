"""What files say is changed, and the reading stays right, is refused, or says so: on a small synthetic stack."""

from __future__ import annotations

import pytest

from medvos_lab.mutations import bench
from medvos_lab.mutations.bases import synthetic
from medvos_lab.mutations.judge import Verdict
from medvos_lab.mutations.mutation import MUTATIONS, NotHere, On
from medvos_lab.mutations.plan import Trial
from medvos_lab.mutations.subject import StackSubject, tried

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
# A part that runs in half a minute; `medvos bench reading` has all of them, on real images.
TRIED = (
    "names_shuffled",
    "numbers_removed",
    "number_is_the_slice",
    "numbers_phase_by_phase",
    "trigger_removed",
    "trigger_zero",
    "trigger_clipped_low",
    "trigger_delayed",
    "trigger_whole_ms",
    "content_time_alone",
    "temporal_index_alone",
    "nothing_tells_the_phase",
    "slice_times_tell_no_phase",
    "several_beats",
    "heart_rate_contradicts",
    "one_image_lost",
    "series_per_file",
    "series_per_phase",
    "one_instance_uid_for_all",
    "instance_uid_missing",
    "copies_of_files",
    "another_person_among_them",
    "phase_images_siemens",
    "components_philips",
    "second_echo",
    "perfusion",
    "molli",
    "late_enhancement",
    "localiser",
    "ends_without_position",
    "one_slice_stored_upside_down",
    "turned_by_a_right_angle",
    "slice_acquired_twice_untimed",
    "stack_filmed_again",
    "monochrome1",
    "rescale_of_each_image",
    "spacing_missing_in_one_slice",
    "one_slice_interpolated",
    "syntax_rle",
    "apple_double",
    "dicomdir_file",
    "zip_archive",
    "without_preamble",
)


@pytest.fixture(scope="module")
def stack() -> StackSubject:
    return StackSubject(synthetic(), quick=True)


@pytest.mark.parametrize("name", TRIED)
def test_no_number_is_wrong_without_a_word(stack: StackSubject, name: str):
    mutation = MUTATIONS[name]
    judgement = tried(Trial(list(MUTATIONS).index(name), "synthetic", (mutation,)), stack)
    assert judgement.verdict not in (Verdict.WRONG, Verdict.BROKEN), f"{mutation.writes} {judgement.why}"


def test_every_mutation_tells_who_writes_such_files():
    assert [name for name, mutation in MUTATIONS.items() if not mutation.writes.endswith(".")] == []
    assert set(TRIED) <= set(MUTATIONS)


def test_the_plan_has_every_mutation_and_is_the_same_each_time():
    first, again = (bench.plan(list(bench.STACKS), list(bench.CLIPS), 500) for _ in range(2))
    assert [(trial.base, trial.name) for trial in first] == [(trial.base, trial.name) for trial in again]
    assert {mutation.name for trial in first for mutation in trial.mutations} == set(MUTATIONS)
    assert sum(len(trial.mutations) == 2 for trial in first) > 100


def test_what_does_not_apply_is_not_counted(stack: StackSubject):
    def nowhere(study, chance):
        raise NotHere

    trial = Trial(0, "synthetic", (bench_mutation(nowhere),))
    with pytest.raises(NotHere):
        tried(trial, stack)


def test_a_scrambled_order_is_found_wrong_where_the_reader_follows_it(stack: StackSubject):
    def scramble(study, chance):
        """Trigger times dealt out anew in each slice."""
        for z in range(study.slices):
            images = study.of_slice(z)
            times = [image.data.TriggerTime for image in images]
            for image, k in zip(images, chance.permutation(len(images)), strict=True):
                image.data.TriggerTime = times[k]

    judgement = tried(Trial(0, "synthetic", (bench_mutation(scramble),)), stack)
    assert judgement.verdict is not Verdict.EQUAL


def test_an_error_that_is_no_refusal_is_broken(stack: StackSubject):
    def stumble(study, chance):
        raise ZeroDivisionError("by zero")

    assert tried(Trial(0, "synthetic", (bench_mutation(stumble),)), stack).verdict is Verdict.BROKEN


def bench_mutation(change):
    from medvos_lab.mutations.mutation import Mutation

    return Mutation(change.__name__, "order", frozenset({On.STACK}), "order", "order", change, "A test.")
