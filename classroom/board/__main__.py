import asyncio

from classroom.board.service import main

asyncio.run(main())
