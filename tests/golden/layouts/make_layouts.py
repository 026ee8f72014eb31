#!/usr/bin/python3
"""Makes the parts of openflamingo-mpt1b in the torch forms they are published in, beside this script:
openai-clip.pt (a TorchScript archive as OpenAI's), lm/pytorch_model-*.bin with their index, and lm-single/pytorch_model.bin.
Needs Debian's python3-torch (made with 1.13.0a0). Run it in a folder whose path may be public, because TorchScript
archives keep it: make_layouts.py <folder of openflamingo-mpt1b> <target folder>."""
import json
import shutil
import struct
import sys
from pathlib import Path

import torch

DTYPES = {"F32": torch.float32, "BF16": torch.bfloat16, "I64": torch.int64}


def load(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(bytearray(data[8 + length + begin:8 + length + end]), dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


class Branch(torch.nn.Module):
    def forward(self, x):
        return x


def tree(tensors):
    root = Branch()
    for name, tensor in tensors.items():
        node = root
        *parents, leaf = name.split(".")
        for parent in parents:
            if parent not in dict(node.named_children()):
                node.add_module(parent, Branch())
            node = getattr(node, parent)
        node.register_parameter(leaf, torch.nn.Parameter(tensor, requires_grad=False))
    return root


source, target = Path(sys.argv[1]), Path(sys.argv[2])
vision = {k: v for k, v in load(source / "vision/open_clip_model.safetensors").items() if k.startswith("visual.")}
torch.jit.save(torch.jit.script(tree(vision)), str(target / "openai-clip.pt"))

lm = load(source / "lm/model.safetensors")
names = sorted(lm)
halves = {"pytorch_model-00001-of-00002.bin": names[:len(names) // 2], "pytorch_model-00002-of-00002.bin": names[len(names) // 2:]}
for folder in ("lm", "lm-single"):
    (target / folder).mkdir(exist_ok=True)
    shutil.copy(source / "lm/config.json", target / folder)
for file, part in halves.items():
    torch.save({name: lm[name] for name in part}, str(target / "lm" / file))
index = {"metadata": {"total_size": sum(4 * t.numel() for t in lm.values())}, "weight_map": {n: f for f, part in halves.items() for n in part}}
(target / "lm/pytorch_model.bin.index.json").write_text(json.dumps(index, indent=1, sort_keys=True) + "\n")
torch.save(lm, str(target / "lm-single/pytorch_model.bin"))

# The 9B checkpoint as it is published: make_layouts.py <mpt1b> <target> <mpt7b>
if len(sys.argv) > 3:
    torch.save(load(Path(sys.argv[3]) / "checkpoint.safetensors"), str(target / "mpt7b-checkpoint.pt"))
