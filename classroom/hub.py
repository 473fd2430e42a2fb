"""The class's JupyterHub: python -m classroom.hub --config classroom/jupyterhub_config.py."""

from jupyterhub.app import JupyterHub
from tornado.netutil import bind_unix_socket

from classroom.sockets import path_of

LARGEST = 2**20  # bytes of a request; a login has a hundred, and the hub keeps all of it in memory


class ClassHub(JupyterHub):
    """JupyterHub, which also listens on the socket that students' servers find it at, and takes no large requests."""

    async def start(self):
        await super().start()
        self.http_server.conn_params.max_body_size = LARGEST
        socket = path_of(self.config.Spawner.hub_connect_url)
        self.http_server.add_socket(bind_unix_socket(str(socket), mode=0o666))


if __name__ == "__main__":
    from classroom import hub  # this module would be there twice otherwise, and so would the hub

    hub.ClassHub.launch_instance()
