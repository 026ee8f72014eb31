#!/usr/bin/env python3
"""Draws the demo pictures of this folder with Pillow: flamingo.jpg (320 x 240) and shapes.png (240 x 160).

Own drawings, no photographs, free to use with the project. Drawn at four times the size and reduced for smooth edges.
"""
import math
import os

from PIL import Image, ImageDraw

HERE = os.path.dirname(os.path.abspath(__file__))
SCALE = 4


def curve(points, steps=60):
    """Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    out = []
    for i in range(1, len(padded) - 2):
        a, b, c, d = padded[i - 1:i + 3]
        for s in range(steps):
            t = s / steps
            out.append(tuple(
                0.5 * (2 * b[k] + (c[k] - a[k]) * t + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t ** 2
                       + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t ** 3) for k in (0, 1)))
    return out + [points[-1]]


def stroke(draw, points, color, first, last):
    """A line whose width runs from first to last, with round ends."""
    path = curve(points)
    for i, (x, y) in enumerate(path):
        r = (first + (last - first) * i / (len(path) - 1)) / 2
        draw.ellipse([x - r, y - r, x + r, y + r], fill=color)


def flamingo():
    width, height = 320 * SCALE, 240 * SCALE
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    horizon = int(height * 0.62)
    for y in range(horizon):
        t = y / horizon
        draw.line([0, y, width, y], fill=(int(120 + 110 * t), int(180 + 45 * t), int(232 - 10 * t)))
    for y in range(horizon, height):
        t = (y - horizon) / (height - horizon)
        draw.line([0, y, width, y], fill=(int(64 - 20 * t), int(140 - 40 * t), int(168 - 40 * t)))
    draw.ellipse([k * SCALE for k in (244, 20, 288, 64)], fill=(255, 226, 130))
    for x, y, w in ((30, 168, 60), (210, 176, 80), (90, 214, 90), (230, 222, 60), (10, 196, 40)):
        draw.rounded_rectangle([x * SCALE, y * SCALE, (x + w) * SCALE, (y + 2) * SCALE], 4, fill=(120, 180, 196))
    s = lambda points: [(x * SCALE, y * SCALE) for x, y in points]
    leg, pink, deep, pale = (214, 96, 120), (246, 138, 160), (226, 92, 128), (252, 176, 190)
    stroke(draw, s([(158, 142), (160, 178), (158, 220)]), leg, 5 * SCALE, 4 * SCALE)
    stroke(draw, s([(172, 140), (186, 166), (162, 180)]), leg, 5 * SCALE, 4 * SCALE)
    draw.polygon(s([(146, 222), (158, 216), (172, 222), (158, 225)]), fill=leg)
    stroke(draw, s([(128, 118), (102, 108), (92, 78), (112, 56), (122, 40)]), pink, 24 * SCALE, 13 * SCALE)
    draw.ellipse([k * SCALE for k in (110, 84, 214, 150)], fill=pink)
    draw.polygon(s([(184, 94), (238, 118), (206, 124), (226, 134), (188, 142)]), fill=pink)
    draw.ellipse([k * SCALE for k in (138, 92, 212, 136)], fill=deep)
    draw.ellipse([k * SCALE for k in (136, 88, 204, 126)], fill=pale)
    draw.ellipse([k * SCALE for k in (108, 24, 138, 52)], fill=pink)
    stroke(draw, s([(132, 36), (150, 42), (152, 56)]), (250, 232, 222), 13 * SCALE, 8 * SCALE)
    stroke(draw, s([(151, 49), (150, 60)]), (40, 36, 44), 8 * SCALE, 4 * SCALE)
    draw.ellipse([k * SCALE for k in (121, 31, 128, 38)], fill=(255, 250, 220))
    draw.ellipse([k * SCALE for k in (123, 33, 127, 37)], fill=(30, 24, 30))
    picture.resize((320, 240), Image.LANCZOS).save(os.path.join(HERE, "flamingo.jpg"), quality=88, optimize=True)


def shapes():
    width, height = 240 * SCALE, 160 * SCALE
    picture = Image.new("RGB", (width, height), (48, 92, 190))
    draw = ImageDraw.Draw(picture)
    draw.ellipse([k * SCALE for k in (24, 40, 104, 120)], fill=(220, 40, 40))
    star = [(178 + r * math.sin(k * math.pi / 5), 82 - r * math.cos(k * math.pi / 5))
            for k in range(10) for r in [46 if k % 2 == 0 else 19]]
    draw.polygon([(x * SCALE, y * SCALE) for x, y in star], fill=(250, 210, 50))
    picture.resize((240, 160), Image.LANCZOS).save(os.path.join(HERE, "shapes.png"), optimize=True)


if __name__ == "__main__":
    flamingo()
    shapes()
