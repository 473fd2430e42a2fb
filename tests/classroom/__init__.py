import asyncio
import threading


def awaited(coroutine):
    """What a coroutine returns, from a thread of its own: in this one the browser's driver may have a loop running."""
    returned = []
    thread = threading.Thread(target=lambda: returned.append(asyncio.run(coroutine)))
    thread.start()
    thread.join()
    return returned[0]
