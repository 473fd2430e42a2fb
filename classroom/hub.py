"""The class's JupyterHub: python -m classroom.hub --config classroom/jupyterhub_config.py."""

import asyncio
from pathlib import Path

from jupyterhub.app import JupyterHub
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_unix_socket

from classroom import disks
from classroom.sockets import path_of

MAX_REQUEST = 2**20  # bytes; a login takes a hundred, and the hub holds the whole request in memory


class ClassHub(JupyterHub):
    """JupyterHub that also listens on a UNIX socket, for students' servers, and refuses large requests."""

    _starting = ()  # references to running tasks: asyncio itself keeps only weak ones
    _timers = ()

    async def start(self):
        await super().start()
        self.http_server.conn_params.max_body_size = MAX_REQUEST
        socket = path_of(self.config.Spawner.hub_connect_url)
        self.http_server.add_socket(bind_unix_socket(str(socket), mode=0o666))
        self._timers = [PeriodicCallback(self.check_disk, 5000), PeriodicCallback(self.check_services, 1000)]
        for timer in self._timers:
            timer.start()

    async def cleanup(self):
        """Stop the timers first, so that no service that ends with the hub is started again."""
        for timer in self._timers:
            timer.stop()
        await super().cleanup()

    async def start_service(self, *arguments, **options):
        """Start a service without waiting: JupyterHub exits if a service fails to start, but a class needs no board."""
        self._starting = (*self._starting, asyncio.create_task(super().start_service(*arguments, **options)))
        return True

    async def check_services(self):
        """Restart at once the services that have ended; JupyterHub itself checks every half minute."""
        for service in self._service_map.values():
            if service.spawner:
                await service.spawner.poll_and_notify()

    def check_disk(self):
        """Release the reserved space when the disk is full, and log it: logins need some space."""
        try:
            message = disks.keep_room(Path(self.cookie_secret_file).parent)
        except disks.NoRoomError as error:
            message = str(error)
        if message:
            self.log.critical(message)


if __name__ == "__main__":
    from classroom import hub  # run this module by its name, so that it is not loaded twice

    hub.ClassHub.launch_instance()
