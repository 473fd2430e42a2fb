"""Write the animation at the top of README.md: the forget gate of the Cell explorer closes, and opens again.

It goes to notebooks/images/forgetting.webp; forgetting.png is one of its frames, for readers who prefer no motion.
"""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from lstm_helpers.explorers import CellExplorer

IMAGES = Path(__file__).resolve().parent.parent / "notebooks" / "images"
WIDTH = 800  # pixels
STEPS, MOVING, RESTING = 25, 70, 1000  # frames from end to end; milliseconds for each, and for the first and the last


def picture(explorer):
    """Return the explorer's picture as an image."""
    data, _ = explorer._repr_mimebundle_()
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)


def closing():
    """Yield the explorer's pictures while its forget gate goes from 1 to 0."""
    explorer = CellExplorer()
    for f in np.linspace(1, 0, STEPS):
        explorer.move(f=round(float(f), 2))
        yield picture(explorer)


def main():
    frames = list(closing())
    opening = frames[-2:0:-1]
    times = [RESTING, *[MOVING] * (STEPS - 2), RESTING, *[MOVING] * len(opening)]
    loop = {"save_all": True, "append_images": frames[1:] + opening, "duration": times, "loop": 0}
    frames[0].save(IMAGES / "forgetting.webp", **loop, lossless=True, method=6)
    frames[STEPS // 3].save(IMAGES / "forgetting.png", optimize=True)


if __name__ == "__main__":
    main()
