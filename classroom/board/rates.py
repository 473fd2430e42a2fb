"""Rates: how much one sender may send, so that it neither slows nor drowns the others."""

import time


class Rates:
    """For each sender a bucket that holds `burst` and is filled by `rate` a second; what is not there is refused."""

    def __init__(self, burst, rate, clock=time.monotonic):
        self.burst, self.rate, self._clock = burst, rate, clock
        self._levels = {}  # sender -> (level, when)

    def take(self, sender, amount=1):
        """Take it if it is there; whether it was."""
        level, now = self.level(sender), self._clock()
        if level < amount:
            return False
        self._levels[sender] = (level - amount, now)
        if len(self._levels) > 4096:  # those that are full again need not be kept
            self._levels = {one: kept for one, kept in self._levels.items() if self.level(one) < self.burst}
        return True

    def level(self, sender):
        """What the sender's bucket holds now."""
        level, when = self._levels.get(sender, (self.burst, self._clock()))
        return min(self.burst, level + self.rate * (self._clock() - when))

    def wait(self, sender, amount=1):
        """Seconds until the sender may take that much."""
        return max(0.0, (min(amount, self.burst) - self.level(sender)) / self.rate)
