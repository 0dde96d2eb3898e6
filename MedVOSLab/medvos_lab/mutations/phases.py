"""Mutations of which phases there are: several beats of them, another heart rate, phases that were lost."""

from __future__ import annotations

from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.order import (
    ORDER,
    ORDER_NOTE,
    RATE,
    RATE_NOTE,
    TIMED,
    TIMED_OR_NUMBERED,
    beat_ms,
    set_trigger,
    shuffle_names,
)
from medvos_lab.mutations.study import Image, Study, clock, copy_of, put


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def several_beats(study: Study, chance: Chance) -> None:
    """Real-time cine: two to four beats in a row, trigger times running on from the first R wave."""
    _beats(study, int(chance.integers(2, 5)), running=True)


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def several_beats_without_heart_rate(study: Study, chance: Chance) -> None:
    """The same; nothing in the header states the heart rate."""
    _beats(study, int(chance.integers(2, 5)), running=True)
    for image in study.cine:
        put(image.data, HeartRate=None, NominalInterval=None)


@mutation("beats", RATE + "|more than once|again|twice|repeat", On.STACK, excuse=RATE_NOTE + "|more than once|again")
def several_beats_each_from_zero(study: Study, chance: Chance) -> None:
    """Real-time cine whose trigger time starts anew at each R wave."""
    _beats(study, int(chance.integers(2, 4)), running=False)


def _beats(study: Study, count: int, running: bool) -> None:
    """Repeat every slice ``count`` times, one beat after another."""
    phases, period = study.phases, beat_ms(study)
    whole: list[Image] = []
    for z in range(study.slices):
        originals = study.of_slice(z)
        for beat in range(count):
            for t, original in enumerate(originals):
                data = copy_of(original.data, "beat", beat, z, t)
                number = (z * count + beat) * phases + t + 1
                start = beat * period if running else 0.0
                set_trigger(data, f"{float(data.TriggerTime) + start:.2f}")
                put(data, InstanceNumber=number, CardiacNumberOfImages=phases * count)
                put(data, ContentTime=clock(36000 + 20 * z + (beat * period + t * period / phases) / 1000))
                whole.append(Image(data, t + beat * phases, z))
    study.images = whole


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def heart_rate_contradicts(study: Study, chance: Chance) -> None:
    """HeartRate and NominalInterval typed in, or of another breath-hold."""
    factor = float(chance.choice([0.5, 0.6, 1.6, 2.0]))
    period = beat_ms(study) * factor
    study.each(lambda data, t, z: put(data, HeartRate=round(60000 / period), NominalInterval=round(period)))


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def heart_rate_zero(study: Study, chance: Chance) -> None:
    """Scanners write 0 where they do not know."""
    study.each(lambda data, t, z: put(data, HeartRate=0, NominalInterval=0))


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def interval_in_seconds(study: Study, chance: Chance) -> None:
    """NominalInterval in seconds, HeartRate missing."""
    study.each(lambda data, t, z: put(data, HeartRate=None, NominalInterval=1))


@mutation("beats", ORDER + "|resampl|missing", On.STACK, excuse="resampl|missing")
def one_image_lost(study: Study, chance: Chance) -> None:
    """An image was not copied."""
    study.images.remove(study.cine[int(chance.integers(len(study.cine)))])


@mutation("beats", ORDER + "|resampl|missing", On.STACK, excuse="resampl|missing")
def some_images_lost(study: Study, chance: Chance) -> None:
    """A copy that broke off: a few images of one slice are missing."""
    lost = study.of_slice(int(chance.integers(study.slices)))
    for k in chance.choice(len(lost), 3, replace=False):
        study.images.remove(lost[k])


@mutation("beats", ORDER + "|resampl|missing", On.STACK, excuse="resampl|missing")
def one_image_lost_without_times(study: Study, chance: Chance) -> None:
    """The same where instance numbers alone tell the order."""
    one_image_lost(study, chance)
    study.each(lambda data, t, z: put(data, **TIMED))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def one_slice_untimed_and_unnumbered(study: Study, chance: Chance) -> None:
    """One slice was exported by another program that keeps neither times nor numbers."""
    lost = int(chance.integers(study.slices))
    study.each(lambda data, t, z: z != lost or put(data, **TIMED_OR_NUMBERED))
    shuffle_names(study, chance)
