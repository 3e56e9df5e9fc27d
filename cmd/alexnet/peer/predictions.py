#!/usr/bin/env python3
"""Compares predictions of trained networks with PyTorch's. For measuring only.

    alexnet prepare photos packs/raw --encoding raw
    python3 cmd/alexnet/peer/predictions.py packs/raw runs/one runs/two

Both see the pixels of a pack's validation images (--split test: test images), which is
raw, so that no other decoder comes between, and of the size of the recipes. PyTorch has
the weights of `alexnet export --for pytorch`, the mean image of the checkpoint and crops
that are cut here: the centre, and the corners, the centre and their mirrors (Krizhevsky
2012, section 4.1). Of each network and of the average of all of them it prints the
largest difference of a probability from PyTorch's in float32, over all images and
classes. Exit code 1: one is above 1e-4.

Needs python3 >= 3.11, torch and numpy.
"""
import argparse
import glob
import os
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
import torch

from packs import pixels
from pytorch import forward
from tensors import read_safetensors

LIMIT = 1e-4
AT_ONCE = 16  # images in a batch of PyTorch's


class Network:
    """A run's newest checkpoint in PyTorch."""

    def __init__(self, alexnet, run, tmp):
        self.recipe = tomllib.loads(subprocess.run([alexnet, "net", os.path.join(run, "recipe.toml"), "--toml"], check=True, capture_output=True, text=True).stdout)
        weights = os.path.join(tmp, "weights.safetensors")
        subprocess.run([alexnet, "export", run, weights, "--for", "pytorch"], check=True, stdout=subprocess.DEVNULL)
        self.params = {k: torch.tensor(v) for k, v in read_safetensors(weights).items()}
        self.mean = read_safetensors(max(glob.glob(os.path.join(run, "checkpoints", "step-*.safetensors"))))["data.mean"]

    def crops(self, ten):
        """The (top, left, mirrored) of the crops."""
        room = self.recipe["data"]["size"] - self.recipe["data"]["crop"]
        centre = (room // 2, room // 2)
        if not ten:
            return [(*centre, False)]
        return [(*at, mirrored) for at in ((0, 0), (0, room), (room, 0), (room, room), centre) for mirrored in (False, True)]

    def probabilities(self, images, ten):
        """Those of the classes, (n, class), averaged over crops."""
        crop, scale = self.recipe["data"]["crop"], self.recipe["data"]["scale"]
        if self.mean.size != images[0].size:
            raise SystemExit(f"the pack's images are {images.shape[2]} pixels high and wide, and the network's {self.recipe['data']['size']}: prepare them with --size")
        mean = self.mean.reshape(images.shape[1:])
        out = []
        with torch.inference_mode():
            for first in range(0, len(images), AT_ONCE):
                x = torch.tensor((images[first : first + AT_ONCE] - mean) * np.float32(scale))
                total = 0
                for top, left, mirrored in self.crops(ten):
                    part = x[:, :, top : top + crop, left : left + crop]
                    total = total + forward(self.recipe, self.params, part.flip(3) if mirrored else part).softmax(1)
                out.append(total / len(self.crops(ten)))
        return torch.cat(out).numpy()


def ours(o, runs, ten, labels, tmp):
    """What `alexnet eval` says of the same images, (n, class)."""
    out = os.path.join(tmp, "predictions.safetensors")
    command = [o.alexnet, "eval", *runs, "--data", o.pack, "--split", o.split, "--crops", "10" if ten else "1", "--predictions", out, "--devices", o.devices]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    read = read_safetensors(out)
    if not np.array_equal(read["labels"], labels):
        raise SystemExit("the labels are not those of the pack: some images were left out")
    return read["probabilities"]


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    a.add_argument("pack")
    a.add_argument("runs", nargs="+", metavar="run")
    a.add_argument("--split", default="val", choices=["val", "test"])
    a.add_argument("--devices", default="1", help="of alexnet (default 1)")
    a.add_argument("--alexnet", default="bin/alexnet", help="the program (default bin/alexnet)")
    o = a.parse_args()
    images, labels = pixels(o.pack, o.split)
    print(f"{len(images)} images of {o.pack}, PyTorch {torch.__version__}, float32")
    print(f"{'network':30}{'crops':>6}{'classes':>9}{'largest probability':>21}{'largest difference':>20}")
    failed = False
    with tempfile.TemporaryDirectory() as tmp:
        networks = [Network(o.alexnet, run, tmp) for run in o.runs]
        for ten in (False, True):
            theirs = [n.probabilities(images, ten) for n in networks]
            rows = [(run, [run], p) for run, p in zip(o.runs, theirs)]
            if len(rows) > 1:
                rows.append((f"average of {len(rows)}", o.runs, np.mean(theirs, 0)))
            for name, runs, want in rows:
                difference = np.abs(ours(o, runs, ten, labels, tmp) - want).max()
                failed |= not difference <= LIMIT
                print(f"{name[-29:]:30}{10 if ten else 1:6}{want.shape[1]:9}{want.max():21.6f}{difference:20.1e}{'' if difference <= LIMIT else f'   above {LIMIT:g}'}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
