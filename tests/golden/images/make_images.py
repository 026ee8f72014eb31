#!/usr/bin/env python3
"""Writes the picture files of this folder and what Pillow makes of them (manifest.json).

Needs Debian 12's python3-pil (Pillow 9.4.0, libjpeg-turbo 2.1.5), python3-numpy and libjpeg-turbo-progs (cjpeg), and
nothing else; run with /usr/bin/python3. Every picture is synthetic. The script is deterministic: a second run
changes no byte.

manifest.json: for each file Pillow's mode and size, and SHA-256 of the decoded samples ("pixels": interleaved rows;
mode 1 as bytes 0/255, mode I as little-endian int32), of convert("RGB") ("rgb"), of the composite over white that the
IDEFICS processor makes ("over_white"); "refused" instead where Pillow raises. "resized" lists bicubic resizes.
"""
import hashlib
import io
import json
import os
import struct
import subprocess
import warnings
import zlib

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {}
warnings.simplefilter("ignore")


def field(width, height, channels, seed):
    """Smooth gradients, noise and hard coloured edges: every coefficient and both ends of the range occur."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    out = np.zeros((height, width, channels))
    for c in range(channels):
        a, b, p = rng.uniform(0.02, 0.4, 3)
        out[..., c] = 127 + 100 * np.sin(a * x + p * 7) * np.cos(b * y + c)
        out[..., c] += rng.normal(0, 12, (height, width))
        x0, y0 = rng.integers(0, max(1, width)), rng.integers(0, max(1, height))
        out[y0:y0 + height // 3 + 1, x0:x0 + width // 3 + 1, c] = 255 if rng.random() < 0.5 else 0
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def add(name, data):
    FILES[name] = data


# ---- JPEG ------------------------------------------------------------------------------------------------------

def ppm(pixels):
    height, width, channels = pixels.shape
    return b"P%d\n%d %d\n255\n" % (6 if channels == 3 else 5, width, height) + pixels.tobytes()


def cjpeg(pixels, *options, scans=None):
    command = ["cjpeg", *options]
    if scans is not None:
        path = os.path.join(HERE, "scans.tmp")
        with open(path, "w") as f:
            f.write(scans)
        command += ["-scans", path]
    try:
        return subprocess.run(command, input=ppm(pixels), stdout=subprocess.PIPE, check=True).stdout
    finally:
        if scans is not None:
            os.remove(path)


def jpegs():
    sizes = [(1, 1), (7, 5), (8, 8), (17, 33), (3, 40), (41, 2), (35, 18)]
    samplings = ["1x1", "2x1", "2x2", "1x2", "4x1", "4x2", "1x4", "2x4", "3x1", "3x2", "1x3"]
    seed = 1
    for sampling in samplings:
        for width, height in sizes if sampling in ("1x1", "2x1", "2x2", "1x2") else sizes[3:4] + sizes[6:]:
            for progressive in (False, True):
                seed += 1
                kind = "prog" if progressive else "base"
                options = ["-quality", "80", "-sample", sampling] + (["-progressive"] if progressive else [])
                add(f"jpeg_{kind}_{sampling}_{width}x{height}.jpg", cjpeg(field(width, height, 3, seed), *options))
    for mixed in ("2x2,2x1,1x2", "4x1,2x1,1x1", "2x2,1x1,2x2", "1x1,2x2,1x1", "1x4,1x2,1x1", "1x2,1x1,1x2"):
        seed += 1
        name = "_".join(mixed.split(","))
        add(f"jpeg_mixed_{name}.jpg", cjpeg(field(37, 29, 3, seed), "-sample", mixed, "-quality", "85"))
    for quality in (1, 5, 25, 50, 95, 100):
        add(f"jpeg_q{quality}.jpg", cjpeg(field(41, 37, 3, 200 + quality), "-quality", str(quality), "-optimize"))
    add("jpeg_q1_baseline.jpg", cjpeg(field(41, 37, 3, 300), "-quality", "1", "-baseline"))
    for restart in ("1B", "3B", "1"):
        add(f"jpeg_restart_{restart}.jpg", cjpeg(field(90, 61, 3, 301), "-restart", restart, "-quality", "70"))
        add(f"jpeg_restart_{restart}_prog.jpg",
            cjpeg(field(90, 61, 3, 302), "-restart", restart, "-quality", "70", "-progressive", "-sample", "2x1"))
    add("jpeg_rgb.jpg", cjpeg(field(33, 21, 3, 303), "-rgb", "-quality", "90"))
    add("jpeg_grey.jpg", cjpeg(field(33, 21, 1, 304), "-quality", "75"))
    add("jpeg_grey_prog.jpg", cjpeg(field(33, 21, 1, 305), "-quality", "75", "-progressive"))
    add("jpeg_grey_2x2.jpg", cjpeg(field(33, 21, 1, 306), "-quality", "75", "-sample", "2x2"))
    add("jpeg_grey_1x3_restart.jpg", cjpeg(field(33, 21, 1, 307), "-sample", "1x3", "-restart", "2B"))
    add("jpeg_arithmetic.jpg", cjpeg(field(33, 21, 3, 308), "-arithmetic"))
    add("jpeg_single_scans.jpg", cjpeg(field(45, 31, 3, 309), "-sample", "2x2", scans="0;\n1;\n2;\n"))
    add("jpeg_two_scans_4x4.jpg", cjpeg(field(45, 31, 3, 310), "-sample", "4x4,1x1,2x1", scans="0;\n1,2;\n"))
    add("jpeg_prog_deep.jpg", cjpeg(field(45, 31, 3, 311), "-sample", "2x2", scans="""
        0,1,2: 0-0, 0, 3; 0: 1-5, 0, 4; 1: 1-63, 0, 2; 2: 1-63, 0, 1; 0: 6-63, 0, 3; 0,1,2: 0-0, 3, 2;
        0: 1-5, 4, 3; 0: 1-63, 3, 2; 0,1,2: 0-0, 2, 1; 1: 1-63, 2, 1; 0: 1-63, 2, 1; 2: 1-63, 1, 0;
        0: 1-63, 1, 0; 1: 1-63, 1, 0; 0,1,2: 0-0, 1, 0;"""))
    add("jpeg_prog_missing_high.jpg", cjpeg(field(45, 31, 3, 312), scans="""
        0,1,2: 0-0, 0, 0; 0: 1-20, 0, 0; 1: 1-20, 0, 0; 2: 1-20, 0, 0;"""))
    for subsampling in (0, 1, 2):
        cmyk = Image.fromarray(field(39, 26, 4, 320 + subsampling), "CMYK")
        buffer = io.BytesIO()
        cmyk.save(buffer, "JPEG", quality=85, subsampling=subsampling, progressive=subsampling == 1)
        data = buffer.getvalue()
        add(f"jpeg_cmyk_{subsampling}.jpg", data)
        adobe = data.index(b"Adobe")
        add(f"jpeg_ycck_{subsampling}.jpg", data[:adobe + 11] + b"\x02" + data[adobe + 12:])
        add(f"jpeg_cmyk_unmarked_{subsampling}.jpg", data[:adobe - 4] + data[adobe + 12:])
    plain = cjpeg(field(31, 27, 3, 330), "-sample", "2x1")
    jfif = plain.index(b"\xff\xe0")
    no_jfif = plain[:jfif] + plain[jfif + 18:]
    add("jpeg_no_jfif.jpg", no_jfif)
    adobe_marker = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
    add("jpeg_adobe_rgb.jpg", no_jfif[:2] + adobe_marker + b"\x00" + no_jfif[2:])
    add("jpeg_adobe_ycc.jpg", no_jfif[:2] + adobe_marker + b"\x01" + no_jfif[2:])
    add("jpeg_jfif_over_adobe.jpg", plain[:jfif + 18] + adobe_marker + b"\x00" + plain[jfif + 18:])
    add("jpeg_junk_between.jpg", plain[:jfif + 18] + b"junk\x00\xff\x00" + plain[jfif + 18:] + b"after the end")
    rgb_ids = bytearray(no_jfif)
    frame = rgb_ids.index(b"\xff\xc0")
    scan = rgb_ids.index(b"\xff\xda")
    for i, letter in enumerate(b"RGB"):
        rgb_ids[frame + 10 + 3 * i] = letter
        rgb_ids[scan + 5 + 2 * i] = letter
    add("jpeg_rgb_ids.jpg", bytes(rgb_ids))
    tableless = plain
    while b"\xff\xc4" in tableless:
        table = tableless.index(b"\xff\xc4")
        tableless = tableless[:table] + tableless[table + 2 + int.from_bytes(tableless[table + 2:table + 4], "big"):]
    add("jpeg_standard_tables.jpg", tableless)
    add("jpeg_fill_bytes.jpg", plain.replace(b"\xff\xda", b"\xff\xff\xff\xda", 1).replace(b"\xff\xd9", b"\xff\xff\xd9"))


# ---- PNG -------------------------------------------------------------------------------------------------------

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack(rows, depth):
    """[height, width, channels] samples to packed rows."""
    if depth == 16:
        return [r.astype(">u2").tobytes() for r in rows]
    if depth == 8:
        return [r.astype(np.uint8).tobytes() for r in rows]
    packed = []
    for r in rows:
        bits = ((r.reshape(-1, 1) >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
        packed.append(np.packbits(bits.reshape(-1)).tobytes())
    return packed


def filtered(lines, step):
    """All five filters in turn."""
    out = b""
    previous = None
    for n, line in enumerate(lines):
        kind = n % 5
        current = np.frombuffer(line, np.uint8).astype(int)
        up = np.zeros_like(current) if previous is None else previous
        left = np.concatenate([np.zeros(step, int), current])[:len(current)]
        corner = np.concatenate([np.zeros(step, int), up])[:len(current)]
        p = left + up - corner
        pa, pb, pc = abs(p - left), abs(p - up), abs(p - corner)
        paeth = np.where((pa <= pb) & (pa <= pc), left, np.where(pb <= pc, up, corner))
        predicted = [0 * up, left, up, (left + up) // 2, paeth][kind]
        out += bytes([kind]) + ((current - predicted) % 256).astype(np.uint8).tobytes()
        previous = current
    return out


def png(samples, color, depth, interlace=False, extra=(), idat=None):
    height, width = samples.shape[:2]
    step = max(1, CHANNELS[color] * depth // 8)
    raw = b""
    for x, y, dx, dy in ADAM7 if interlace else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            raw += filtered(pack(part, depth), step)
    data = zlib.compress(raw, 9)
    parts = [data] if idat is None else [data[i:i + idat] for i in range(0, len(data), idat)]
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlace)))
    body += b"".join(chunk(k, d) for k, d in extra) + b"".join(chunk(b"IDAT", p) for p in parts)
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def png_samples(width, height, color, depth, seed):
    rng = np.random.default_rng(seed)
    base = field(width, height, CHANNELS[color], seed).astype(int)
    if depth == 16:
        return base * 256 + rng.integers(0, 256, base.shape)
    return base >> (8 - depth)


def pngs():
    rng = np.random.default_rng(7)
    palette = rng.integers(0, 256, 768).astype(np.uint8).tobytes()
    seed = 1000
    for color, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
        for depth in depths:
            for interlace in (False, True):
                for width, height in ((19, 13), (1, 1), (5, 3), (33, 9)):
                    if (width, height) == (33, 9) and not interlace:
                        continue
                    seed += 1
                    extra = [(b"PLTE", palette[:3 << depth])] if color == 3 else []
                    samples = png_samples(width, height, color, depth, seed)
                    kind = "adam7" if interlace else "plain"
                    add(f"png_c{color}_d{depth}_{kind}_{width}x{height}.png", png(samples, color, depth, interlace, extra))
    grey = png_samples(21, 15, 0, 8, 1)
    add("png_trns_grey.png", png(grey, 0, 8, extra=[(b"tRNS", struct.pack(">H", int(grey[3, 3, 0])))]))
    grey16 = png_samples(21, 15, 0, 16, 2)
    grey16[5:9] = 200
    add("png_trns_grey16.png", png(grey16, 0, 16, extra=[(b"tRNS", struct.pack(">H", 200))]))
    grey4 = png_samples(21, 15, 0, 4, 3)
    grey4[5:9] = 0
    add("png_trns_grey4.png", png(grey4, 0, 4, extra=[(b"tRNS", struct.pack(">H", 0))]))
    add("png_trns_grey4_unscaled.png", png(grey4, 0, 4, extra=[(b"tRNS", struct.pack(">H", 5))]))
    bits = png_samples(21, 15, 0, 1, 4)
    add("png_trns_bilevel.png", png(bits, 0, 1, extra=[(b"tRNS", struct.pack(">H", 0))]))
    add("png_trns_bilevel_one.png", png(bits, 0, 1, extra=[(b"tRNS", struct.pack(">H", 1))]))
    rgb = png_samples(21, 15, 2, 8, 5)
    rgb[2:9, 4:9] = (10, 200, 30)
    add("png_trns_rgb.png", png(rgb, 2, 8, extra=[(b"tRNS", struct.pack(">HHH", 10, 200, 30))]))
    rgb16 = png_samples(21, 15, 2, 16, 6)
    rgb16[2:9, 4:9] = (10 << 8, 200 << 8, 30 << 8)
    add("png_trns_rgb16.png", png(rgb16, 2, 16, extra=[(b"tRNS", struct.pack(">HHH", 10, 200, 30))]))
    indices = png_samples(21, 15, 3, 8, 8)
    add("png_trns_palette_one.png",
        png(indices, 3, 8, extra=[(b"PLTE", palette), (b"tRNS", b"\xff" * int(indices[4, 4, 0]) + b"\x00\xff")]))
    add("png_trns_palette_many.png", png(indices, 3, 8, extra=[(b"PLTE", palette), (b"tRNS", bytes(range(0, 250, 2)))]))
    add("png_short_palette.png", png(indices, 3, 8, extra=[(b"PLTE", palette[:300])]))
    add("png_no_palette.png", png(indices, 3, 8))
    add("png_palette_in_rgb.png", png(rgb, 2, 8, extra=[(b"PLTE", palette[:30]), (b"gAMA", struct.pack(">I", 45455))]))
    add("png_many_idat.png", png(rgb, 2, 8, idat=7, extra=[(b"tEXt", b"Comment\x00x")]))
    add("png_empty_idat.png", png(rgb, 2, 8, extra=[(b"IDAT", b"")]))
    add("png_no_iend.png", png(rgb, 2, 8)[:-12])
    add("png_trailing.png", png(rgb, 2, 8) + b"trailing")
    add("png_grey_ramp_wide.png", png(np.arange(0, 65536, 61).reshape(-1, 1, 1)[:1000].reshape(25, 40, 1), 0, 16))
    low = np.arange(0, 600).reshape(20, 30, 1)
    add("png_grey16_low.png", png(low, 0, 16))


# ---- GIF -------------------------------------------------------------------------------------------------------

def lzw(indices, bits):
    """Plain GIF LZW: table grown to 4096 entries, then cleared."""
    clear, end = 1 << bits, (1 << bits) + 1
    codes = []
    table, size = {bytes([i]): i for i in range(clear)}, bits + 1
    codes.append((clear, size))
    following, text = end + 1, b""
    for i in indices:
        grown = text + bytes([i])
        if grown in table:
            text = grown
            continue
        codes.append((table[text], size))
        if following < 4096:
            table[grown] = following
            if following == 1 << size:
                size += 1
            following += 1
        else:
            codes.append((clear, size))
            table, size, following = {bytes([i]): i for i in range(clear)}, bits + 1, end + 1
        text = bytes([i])
    codes.append((table[text], size))
    codes.append((end, size))
    value = shift = 0
    out = bytearray()
    for code, width in codes:
        value |= code << shift
        shift += width
        while shift >= 8:
            out.append(value & 255)
            value >>= 8
            shift -= 8
    if shift:
        out.append(value & 255)
    blocks = b"".join(bytes([len(out[i:i + 255])]) + bytes(out[i:i + 255]) for i in range(0, len(out), 255))
    return bytes([bits]) + blocks + b"\x00"


def gif(indices, bits, screen=None, origin=(0, 0), interlace=False, palette=None, local=None, transparent=None,
        version=b"GIF89a", trailer=b";"):
    height, width = indices.shape
    screen = screen or (width, height)
    out = version + struct.pack("<HHBBB", *screen, (0x80 | bits - 1) if palette else 0, 3, 0) + (palette or b"")
    if transparent is not None:
        out += b"!\xf9\x04" + struct.pack("<BHB", 1, 10, transparent) + b"\x00"
    out += b"!\xfe\x05hello\x00"
    flags = (0x40 if interlace else 0) | ((0x80 | bits - 1) if local else 0)
    out += b"," + struct.pack("<HHHHB", *origin, width, height, flags) + (local or b"")
    if interlace:
        order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, height, step)]
        indices = indices[order]
    return out + lzw(indices.reshape(-1).tolist(), max(2, bits)) + trailer


def gifs():
    rng = np.random.default_rng(11)
    palette = rng.integers(0, 256, 768).astype(np.uint8).tobytes()
    other = rng.integers(0, 256, 768).astype(np.uint8).tobytes()
    ramp = bytes(i // 3 for i in range(768))
    full = field(37, 29, 1, 50)[..., 0]
    for interlace in (False, True):
        kind = "interlaced" if interlace else "plain"
        add(f"gif_{kind}_37x29.gif", gif(full, 8, interlace=interlace, palette=palette))
        for bits in (1, 2, 4, 5):
            add(f"gif_{kind}_{bits}bit.gif", gif(full >> (8 - bits), bits, interlace=interlace, palette=palette[:3 << bits]))
        for height in (1, 2, 3, 5, 9):
            add(f"gif_{kind}_3x{height}.gif", gif(full[:height, :3], 8, interlace=interlace, palette=palette))
    add("gif_local_palette.gif", gif(full, 8, palette=palette, local=other))
    add("gif_only_local_palette.gif", gif(full, 8, local=other))
    add("gif_no_palette.gif", gif(full, 8))
    add("gif_grey_palette.gif", gif(full, 8, palette=ramp))
    add("gif_grey_palette_transparent.gif", gif(full, 8, palette=ramp, transparent=int(full[3, 3])))
    add("gif_transparent.gif", gif(full, 8, palette=palette, transparent=int(full[3, 3])))
    add("gif_small_frame.gif", gif(full, 8, screen=(50, 40), origin=(6, 3), palette=palette))
    add("gif_small_frame_transparent.gif", gif(full, 8, screen=(50, 40), origin=(6, 3), palette=palette, transparent=9))
    add("gif_frame_beyond_screen.gif", gif(full, 8, screen=(20, 40), origin=(6, 3), palette=palette))
    add("gif_87a.gif", gif(full, 8, palette=palette, version=b"GIF87a"))
    add("gif_long_table.gif", gif(field(120, 90, 1, 51)[..., 0], 8, palette=palette))
    add("gif_flat.gif", gif(np.full((90, 120), 7, np.uint8), 8, palette=palette))
    add("gif_no_trailer.gif", gif(full, 8, palette=palette, trailer=b""))
    frames = [Image.fromarray(field(30, 20, 3, 60 + i), "RGB") for i in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=50)
    add("gif_animated.gif", buffer.getvalue())


# ---- Expectations ----------------------------------------------------------------------------------------------

def samples(picture):
    if picture.mode == "1":
        return picture.convert("L").tobytes()
    return picture.tobytes()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def over_white(picture):
    if picture.mode == "RGB":
        return picture
    rgba = picture.convert("RGBA")
    ground = Image.new("RGBA", rgba.size, (255, 255, 255))
    return Image.alpha_composite(ground, rgba).convert("RGB")


def describe(data):
    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}
    return {
        "mode": picture.mode,
        "width": picture.width,
        "height": picture.height,
        "pixels": digest(samples(picture)),
        "rgb": digest(picture.convert("RGB").tobytes()),
        "over_white": digest(over_white(Image.open(io.BytesIO(data))).tobytes()),
    }


RESIZE_SOURCES = [
    "png_c0_d1_plain_19x13.png", "png_c0_d8_plain_19x13.png", "png_c0_d16_plain_19x13.png", "png_grey16_low.png",
    "png_c2_d8_plain_19x13.png", "png_c3_d8_plain_19x13.png", "png_c4_d8_plain_19x13.png",
    "png_c6_d8_plain_19x13.png", "jpeg_cmyk_0.jpg", "jpeg_restart_1.jpg", "gif_small_frame.gif",
]
RESIZE_TARGETS = [(19, 13), (7, 5), (1, 1), (40, 13), (19, 29), (53, 31), (224, 224), (100, 3), (2, 90)]


def resizes():
    cases = []
    for name in RESIZE_SOURCES:
        picture = Image.open(io.BytesIO(FILES[name]))
        picture.load()
        for width, height in RESIZE_TARGETS:
            resized = picture.resize((width, height), Image.BICUBIC)
            cases.append({"file": name, "width": width, "height": height, "mode": resized.mode,
                          "pixels": digest(samples(resized)), "rgb": digest(resized.convert("RGB").tobytes())})
    return cases


def main():
    jpegs()
    pngs()
    gifs()
    for name in os.listdir(HERE):
        if name.startswith(("jpeg_", "png_", "gif_")):
            os.remove(os.path.join(HERE, name))
    manifest = {"pillow": Image.__version__, "files": {}, "resized": resizes()}
    for name, data in sorted(FILES.items()):
        with open(os.path.join(HERE, name), "wb") as f:
            f.write(data)
        manifest["files"][name] = describe(data)
    with open(os.path.join(HERE, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")
    print(len(FILES), "files,", sum(map(len, FILES.values())), "bytes")


if __name__ == "__main__":
    main()
