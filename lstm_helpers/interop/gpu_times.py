"""Times of one pass through an LSTM on a GPU and beside it: measured once, for pages that run where there is no GPU."""

from dataclasses import dataclass

# Which processor the machine has was not written down.
MEASURED_ON = "an NVIDIA H200 and its machine's processor in 2026, with PyTorch 2.11 and cuDNN 9.19"
# Our weights on that GPU, in float64: the largest difference from our own numbers.
APART_IN_FLOAT64 = {"h": 3e-16, "dL/dx": 4e-16}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one pass, forward and back through time, in float32.

    Attributes:
        T, N, D, H: the steps, the sequences, the inputs and the units of the layer.
        numpy, cpu: this package, and PyTorch, on one thread of the machine's processor; None where not measured.
        gpu: PyTorch on its GPU.
    """

    T: int
    N: int
    D: int
    H: int
    numpy: float | None
    cpu: float | None
    gpu: float

    @property
    def multiplications(self):
        """Those of W [h; x] on the way forward, and twice as many on the way back, for dW and for d[h; x]."""
        return 3 * self.T * self.N * 4 * self.H * (self.H + self.D)


TIMINGS = (
    Timing(20, 1, 3, 3, 0.23, 0.33, 1.22),
    Timing(50, 16, 32, 32, 1.48, 1.04, 1.00),
    Timing(100, 32, 64, 128, 26.5, 19.6, 0.96),
    Timing(100, 32, 128, 256, 101, 104, 3.8),
    Timing(100, 64, 256, 512, 690, 541, 4.3),
    Timing(100, 64, 512, 1024, 2079, 2247, 5.3),
    Timing(100, 256, 1024, 2048, None, None, 19.8),
)
COMPARED = TIMINGS[:-1]  # those that all three were measured at
