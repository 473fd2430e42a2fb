"""Times of one pass through an LSTM on a GPU and on a CPU, measured once, for notebooks that run without a GPU."""

from dataclasses import dataclass

# The model of the CPU was not recorded.
MEASURED_ON = "an NVIDIA H200 and its machine's processor in 2026, with PyTorch 2.11 and cuDNN 9.19"
# The largest differences between PyTorch on that GPU and this package, with the same weights in float64.
APART_IN_FLOAT64 = {"h": 3e-16, "dL/dx": 4e-16}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one pass, forward and back through time, in float32.

    Attributes:
        T, N, D, H: the numbers of steps, sequences, inputs and units.
        numpy, cpu: this package, and PyTorch, on one thread of the CPU; None if not measured.
        gpu: PyTorch on the GPU.
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
        """The number of multiplications: W [h; x] forward, and twice as many back, for dW and d[h; x]."""
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
COMPARED = TIMINGS[:-1]  # sizes with all three times
