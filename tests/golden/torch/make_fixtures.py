#!/usr/bin/python3
"""Makes the torch files beside this script, and for each the values a reader must find, as safetensors.

Needs Debian's python3-torch (made with 1.13.0a0); run `/usr/bin/python3 make_fixtures.py` in a copy of
the folder above whose path may be public, because TorchScript archives keep it. The expected
values are written from the live tensors by the few lines below, not by reading the torch file back.
"""
import collections
import hashlib
import json
import struct

import torch

NAMES = {torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
         torch.complex64: "C64"}


def raw(tensor):
    flat = tensor.detach().contiguous().reshape(-1)
    if flat.dtype == torch.bfloat16:
        flat = flat.view(torch.int16)
    return flat.numpy().tobytes()


def write_expected(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        piece = raw(tensor)
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def save(name, value, expected, **options):
    torch.save(value, name, **options)
    write_expected(name + ".expected.safetensors", expected)


class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = torch.nn.Sequential(torch.nn.Linear(5, 3), torch.nn.LayerNorm(3))
        self.scale = torch.nn.Parameter(torch.tensor(0.7))
        self.register_buffer("steps", torch.arange(7))
        self.width = 3

    def forward(self, x):
        return self.visual(x) * self.scale


def main():
    torch.manual_seed(7)
    base = torch.randn(6, 8)
    state = collections.OrderedDict(
        weight=torch.randn(7, 3),
        transposed=base.t(),
        slice=base[1:5, 2:7],
        strided=base[::2, ::3],
        column=base[:, 4],
        expanded=torch.tensor([1.5, -2.5]).expand(3, 2),
        shared=base,
        scalar=torch.tensor(3.25),
        empty=torch.zeros(0, 5),
        half=torch.randn(5).half(),
        bfloat16=torch.randn(3, 3).bfloat16(),
        bfloat16_transposed=torch.randn(3, 4).bfloat16().t(),
        double=torch.randn(2, 2, dtype=torch.float64),
        long=torch.tensor([-1, 2 ** 40]),
        int=torch.tensor([1, -2 ** 31], dtype=torch.int32),
        short=torch.tensor([-300, 5], dtype=torch.int16),
        char=torch.tensor([-7, 7], dtype=torch.int8),
        byte=torch.tensor([0, 255, 3], dtype=torch.uint8),
        bool=torch.tensor([True, False, True]),
        complex=torch.tensor([1 + 2j, -3j]),
    )
    state["tied"] = state["weight"]
    state["parameter"] = torch.nn.Parameter(torch.randn(2, 9))
    for protocol in (2, 3, 4, 5):
        save(f"protocol{protocol}.pt", state, state, pickle_protocol=protocol)

    model = Tiny()
    save("state-dict.pt", model.state_dict(), model.state_dict())

    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.randn(2, 5)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5, 3])
    wrapped = {"module." + name: value for name, value in model.state_dict().items()}
    training = {
        "epoch": 3,
        "model_state_dict": wrapped,
        "optimizer_state_dict": optimizer.state_dict(),
        "lr_scheduler_state_dict": scheduler.state_dict(),
        "big": 2 ** 70, "negative": -5, "loss": 0.125, "none": None, "flags": [True, False], "tuple": (1, 2, 3, "four"),
        "set": {1, 2}, "bytes": b"\x00\xff", "device": torch.device("cpu"), "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16, "text": "Flamingo \u00e9\U0001F9A9", "complex": 1 + 2j,
    }
    for protocol in (2, 5):
        save(f"training-protocol{protocol}.pt", training, model.state_dict(), pickle_protocol=protocol)

    flat = dict(wrapped)
    save("module-prefix.bin", flat, model.state_dict())
    mixed = dict(wrapped)
    mixed["extra"] = torch.ones(2)
    save("module-prefix-mixed.bin", mixed, mixed)

    names = list(wrapped)
    first, second = {n: wrapped[n] for n in names[:3]}, {n: wrapped[n] for n in names[3:]}
    torch.save(first, "sharded/pytorch_model-00001-of-00002.bin")
    torch.save(second, "sharded/pytorch_model-00002-of-00002.bin")
    weight_map = {n: "pytorch_model-00001-of-00002.bin" for n in first}
    weight_map.update({n: "pytorch_model-00002-of-00002.bin" for n in second})
    with open("sharded/pytorch_model.bin.index.json", "w") as file:
        json.dump({"metadata": {"total_size": 1}, "weight_map": weight_map}, file, indent=2)
    write_expected("sharded/expected.safetensors", model.state_dict())

    torch.jit.save(torch.jit.script(model), "scripted.pt")
    write_expected("scripted.pt.expected.safetensors", model.state_dict())
    half = Tiny().half()
    half.visual[0].weight.data = half.visual[0].weight.data.t().contiguous().t()
    torch.jit.save(torch.jit.trace(half.float(), torch.randn(2, 5)), "traced.pt")
    write_expected("traced.pt.expected.safetensors", half.state_dict())

    torch.save(state, "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(torch.ones(3), "bare-tensor.pt")
    torch.save({"model": model}, "whole-module.pt")
    torch.save({"sparse": torch.eye(2).to_sparse()}, "sparse.pt")

    hashes = {}
    for folder in ("openflamingo-mpt1b", "openflamingo-neox", "openflamingo-opt"):
        checkpoint = torch.load(f"../{folder}/checkpoint.pt")
        hashes[folder] = {name: hashlib.sha256(raw(tensor)).hexdigest() for name, tensor in checkpoint.items()}
    with open("checkpoints.sha256.json", "w") as file:
        json.dump(hashes, file, indent=1)


main()
