#!/usr/bin/env python3
"""Compares a pack's mean image and colours with numpy's. For measuring only.

    alexnet prepare photos packs/raw --encoding raw
    python3 cmd/alexnet/peer/packs.py packs/raw

The pixels are those of the pack's training images, which are raw, so that no other
decoder comes between; of a pack of JPEG files they are those of a raw one that was
prepared of these files with --split none, which --pixels names. It prints the largest
differences of the mean image and the mean colour (of grey levels 0 to 255), and of the
principal components' deviations (grey levels), eigenvalues and directions. Exit code 1:
one is above 1e-4.

Needs python3 and numpy.
"""
import argparse
import csv
import json
import os
import sys
import tarfile

import numpy as np

from tensors import read_safetensors

LIMIT = 1e-4


def described(pack):
    with open(os.path.join(pack, "pack.json")) as f:
        return json.load(f)


def pixels(pack, part):
    """Images (n, 3, size, size) and labels (n) of a raw pack."""
    d = described(pack)
    if d["encoding"] != "raw" or d["whole"]:
        raise SystemExit(f"{pack} is not of raw square images: prepare it with --encoding raw and without --whole")
    size, images, labels = d["size"], [], []
    for shard in d["parts"][part]["shards"]:
        path = os.path.join(pack, shard["name"])
        with tarfile.open(path + ".tar") as tar:
            images += [np.frombuffer(tar.extractfile(m).read()[-3 * size * size :], np.uint8) for m in tar if m.name.endswith(".ppm")]
        with open(path + ".tsv", newline="") as f:
            labels += [int(row["label"]) for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return np.stack(images).reshape(-1, size, size, 3).transpose(0, 3, 1, 2), np.array(labels)


def statistics(images):
    """What numpy makes of images (n, 3, size, size), in float64, by the names of pack.json."""
    total, products, image = np.zeros(3), np.zeros((3, 3)), np.zeros(images.shape[1:])
    for x in images:
        image += x
        x = x.reshape(3, -1).astype(np.float64)
        total += x.sum(1)
        products += x @ x.T
    count = images.size // 3
    mean = total / count
    values, vectors = np.linalg.eigh(products / count - np.outer(mean, mean))
    order = np.argsort(-values)
    directions = vectors[:, order].T
    directions *= np.where(directions.sum(1, keepdims=True) < 0, -1, 1)
    values = values[order]
    return image / len(images), {"mean": mean, "deviation": np.sqrt(values), "eigenvalue": values / 255**2, "direction": directions}


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    a.add_argument("pack")
    a.add_argument("--pixels", metavar="PACK", help="a raw pack of the training images' pixels (default: the pack itself)")
    o = a.parse_args()
    images, _ = pixels(o.pixels or o.pack, "train")
    image, colour = statistics(images)
    differences = {"mean image": np.abs(read_safetensors(os.path.join(o.pack, "mean.safetensors"))["mean"] - image).max()}
    for name, want in colour.items():
        differences[name] = np.abs(np.array(described(o.pack)["colour"][name]) - want).max()
    print(f"{len(images)} images of {o.pack}; largest differences from numpy's:")
    for name, d in differences.items():
        print(f"{name:12}{d:10.1e}{'' if d <= LIMIT else f'   above {LIMIT:g}'}")
    sys.exit(0 if all(d <= LIMIT for d in differences.values()) else 1)


if __name__ == "__main__":
    main()
