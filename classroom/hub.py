"""The class's JupyterHub: python -m classroom.hub --config classroom/jupyterhub_config.py."""

import asyncio
from pathlib import Path

from jupyterhub.app import JupyterHub
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_unix_socket

from classroom import disks
from classroom.sockets import path_of

LARGEST = 2**20  # bytes in a request; a login has a hundred, and the hub holds the whole request in memory


class ClassHub(JupyterHub):
    """JupyterHub that also listens on the socket where students' servers find it, and accepts no large requests."""

    _starting = ()  # kept: a task that nobody holds may be thrown away
    _looking = ()

    async def start(self):
        await super().start()
        self.http_server.conn_params.max_body_size = LARGEST
        socket = path_of(self.config.Spawner.hub_connect_url)
        self.http_server.add_socket(bind_unix_socket(str(socket), mode=0o666))
        self._looking = [PeriodicCallback(self.look_at_disk, 5000), PeriodicCallback(self.look_at_services, 1000)]
        for look in self._looking:
            look.start()

    async def cleanup(self):
        """End, and look no more: a service that ends with the hub is not started again."""
        for look in self._looking:
            look.stop()
        await super().cleanup()

    async def start_service(self, *arguments, **options):
        """Start a service, and wait for none: JupyterHub would end if it did not start, and a class needs no board."""
        self._starting = (*self._starting, asyncio.create_task(super().start_service(*arguments, **options)))
        return True

    async def look_at_services(self):
        """Start a service that has ended again, now; JupyterHub looks every half minute."""
        for service in self._service_map.values():
            if service.spawner:
                await service.spawner.poll_and_notify()

    def look_at_disk(self):
        """Release the reserved room when the disk is full, and log it: logins need some."""
        try:
            said = disks.keep_room(Path(self.cookie_secret_file).parent)
        except disks.NoRoomError as error:
            said = str(error)
        if said:
            self.log.critical(said)


if __name__ == "__main__":
    from classroom import hub  # otherwise this module, and the hub with it, would exist twice

    hub.ClassHub.launch_instance()
