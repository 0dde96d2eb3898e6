from __future__ import annotations

from medvos_command import Medvos

from medvos.models.store import aliases, available


def test_every_model_is_listed_with_its_size_and_checksum(medvos: Medvos):
    answer = medvos("models")
    assert answer.returncode == 0, answer.stderr
    models = available()
    assert models
    for model in models:
        row = next(line for line in answer.stdout.splitlines() if line.startswith(model.name + " "))
        assert f"{model.size_mb:.1f}" in row
        assert model.sha256[:12] in row


def test_the_default_of_model_is_listed(medvos: Medvos):
    assert aliases()["cstm"] in {model.name for model in available()}
    assert "(cstm)" in medvos("models").stdout
