"""Write the loop at the top of README.md: the forget gate of the Cell explorer closes, and opens again.

notebooks/images/forgetting.gif, and beside it forgetting.png: one picture of it, for those who want nothing to move.
"""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from lstm_helpers.explorers import CellExplorer

IMAGES = Path(__file__).resolve().parent.parent / "notebooks" / "images"
SIZE = 800  # pixels wide
COLORS = 64
STEPS, MOVING, RESTING = 25, 70, 1000  # from one end to the other; milliseconds of each, and at both ends


def picture(explorer):
    """What the explorer shows, on white."""
    data, _ = explorer._repr_mimebundle_()
    drawn = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    return drawn.resize((SIZE, round(drawn.height * SIZE / drawn.width)), Image.Resampling.LANCZOS)


def loop(frames):
    """The frames in the colors of the first and the last, there and back, and how long each is shown."""
    ends = Image.new("RGB", (SIZE, 2 * frames[0].height))
    ends.paste(frames[0], (0, 0))
    ends.paste(frames[-1], (0, frames[0].height))
    palette = ends.quantize(COLORS)
    there = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    times = [RESTING, *[MOVING] * (len(frames) - 2), RESTING]
    return there + there[-2:0:-1], times + times[-2:0:-1]


def main():
    explorer, frames = CellExplorer(), []
    for f in np.linspace(1, 0, STEPS):
        explorer.move(f=round(float(f), 2))
        frames.append(picture(explorer))
    (first, *others), times = loop(frames)
    first.save(IMAGES / "forgetting.gif", save_all=True, append_images=others, duration=times, loop=0, optimize=False)
    frames[STEPS // 3].save(IMAGES / "forgetting.png", optimize=True)


if __name__ == "__main__":
    main()
