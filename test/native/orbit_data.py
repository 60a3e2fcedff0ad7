#!/usr/bin/env python3
"""Writes orbit_data.h: places with sources, and iterates of theirs by Python's own integers, 192 bits more precise than the
orbits under test. usage: orbit_data.py locations.json > orbit_data.h"""
import json
import math
import sys
from fractions import Fraction

NAMES = ["seahorse_1e5", "1e14_bench", "layers", "1e50_bench", "dragon", "evolution_trees", "4e533_bench", "1e1086_bench"]
SAMPLES = [1, 2, 3, 10, 100, 1000, 4000, 9999]


def decimal(text):
    mantissa, _, exponent = text.lower().partition("e")
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)


def log2_floor(x):
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if Fraction(2) ** e <= x else e - 1


print("/* Made by orbit_data.py out of well-known places, whose sources stand beside them; zoom is mantissa 2^exponent. */")
print("static const struct {")
print("  const char *name, *source, *re, *im;")
print("  double zoom;")
print("  int64_t exponent, max_iter;")
print(f"  struct {{ int64_t m; double re, im; }} samples[{len(SAMPLES)}];")
print("} places[] = {")
for place in json.load(open(sys.argv[1]))["places"]:
    if place["name"] not in NAMES:
        continue
    zoom = decimal(place["zoom"])
    e = log2_floor(zoom)
    bits = e + 14 + 64 + 192
    c_re, c_im = (math.floor(decimal(place[part]) * 2**bits) for part in ("re", "im"))
    re = im = 0
    samples = []
    for m in range(1, max(SAMPLES) + 1):
        re, im = (re * re - im * im >> bits) + c_re, (re * im >> bits - 1) + c_im
        if re * re + im * im >> 2 * bits > 10000:
            break
        if m in SAMPLES:
            samples.append((m, float(Fraction(re, 2**bits)), float(Fraction(im, 2**bits))))
    print(f'  {{"{place["name"]}", "{place["source"]}",')
    print(f'   "{place["re"]}",\n   "{place["im"]}",')
    print(f"   {float(zoom / Fraction(2) ** e).hex()}, {e}, {place['max_iter']},")
    print("   {" + ", ".join(f"{{{m}, {float(x).hex()}, {float(y).hex()}}}" for m, x, y in samples) + "}},")
print("};")
