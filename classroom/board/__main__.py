import asyncio
import contextlib

from classroom.board.service import main

with contextlib.suppress(KeyboardInterrupt):  # the hub ends its services with this signal
    asyncio.run(main())
