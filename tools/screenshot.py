"""Write the loop at the top of README.md: the forget gate of the Cell explorer closes, and opens again.

notebooks/images/forgetting.webp, and beside it forgetting.png: one picture of it, for readers who want nothing to move.
"""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from lstm_helpers.explorers import CellExplorer

IMAGES = Path(__file__).resolve().parent.parent / "notebooks" / "images"
WIDTH = 800  # pixels
STEPS, MOVING, RESTING = 25, 70, 1000  # from one end to the other; milliseconds for each step, and at both ends


def picture(explorer):
    """What the explorer shows, as an image."""
    data, _ = explorer._repr_mimebundle_()
    drawn = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    return drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)


def closing():
    """The explorer's pictures while its forget gate goes from 1 to 0."""
    explorer = CellExplorer()
    for f in np.linspace(1, 0, STEPS):
        explorer.move(f=round(float(f), 2))
        yield picture(explorer)


def main():
    there = list(closing())
    back = there[-2:0:-1]
    times = [RESTING, *[MOVING] * (STEPS - 2), RESTING, *[MOVING] * len(back)]
    loop = {"save_all": True, "append_images": there[1:] + back, "duration": times, "loop": 0}
    there[0].save(IMAGES / "forgetting.webp", **loop, lossless=True, method=6)
    there[STEPS // 3].save(IMAGES / "forgetting.png", optimize=True)


if __name__ == "__main__":
    main()
