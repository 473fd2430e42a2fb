"""JupyterHub's login for a class: the list and the passwords are read at each request, not only at the start."""

import hashlib
import hmac
import secrets
from pathlib import Path

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.orm import User
from sqlalchemy.orm import object_session
from tornado import web
from traitlets import Unicode

from classroom import class_list
from classroom.origins import require_own_address

DAY = 24 * 3600
# JupyterHub 6.1 reads this attribute of every handler but sets it only for tokens: without a default, a user with a
# cookie who is removed from the list causes a traceback in the log.
BaseHandler._token_authenticated = False


def choose(c, folder, names):
    """Admit only the names on the list in `folder`, for a day at a time."""
    c.JupyterHub.authenticator_class = ClassListAuthenticator
    c.ClassListAuthenticator.folder = str(folder)
    c.Authenticator.allowed_users = names
    c.Authenticator.allow_existing_users = False
    c.Authenticator.username_pattern = class_list.NAME.pattern  # also for names that come through the API
    c.Authenticator.delete_invalid_users = True
    c.Authenticator.auth_refresh_age = 1  # seconds after which the list is read again
    c.Authenticator.auth_refresh_strict = True  # also for requests with a token
    c.JupyterHub.cookie_max_age_days = 1
    c.JupyterHub.tornado_settings = {"cookie_options": {"expires_days": 1}}
    c.JupyterHub.token_expires_in_max_seconds = DAY


class ClassListAuthenticator(Authenticator):
    """Authenticator for JupyterHub's own login page that reads names and passwords from the files in `folder`."""

    folder = Unicode(config=True, help="The private folder with class.txt and passwords.txt")

    def __init__(self, **arguments):
        super().__init__(**arguments)
        folder = Path(self.folder)
        self._list = class_list.WatchedFile(folder / "class.txt", class_list.read, self.log)
        self._passwords = class_list.WatchedFile(folder / "passwords.txt", class_list.read_passwords, self.log)

    async def authenticate(self, handler, data):
        """Return the name if the password is right, else None."""
        require_own_address(handler)
        if not {"username", "password"} <= data.keys():
            raise web.HTTPError(400, "A login needs a username and a password")
        name = self.normalize_username(data["username"])
        known = self._passwords.now().get(name)
        right = hmac.compare_digest((known or class_list.new_password()).encode(), data["password"].encode())
        return name if right and known else None

    def check_allowed(self, username, authentication=None):
        """Return true if the name is on the list now."""
        return username in set().union(*self._list.now())

    def check_blocked_users(self, username, authentication=None):
        """Return true: only the list decides who may log in. `add_user` uses `blocked_users` for something else."""
        return True

    def is_admin(self, handler, authentication):
        """Return true if the list marks the name as a teacher now."""
        return authentication["name"] in self._list.now()[1]

    async def pre_spawn_start(self, user, spawner):
        """Refuse to start a server for a name that is no longer on the list; Start All requests one for every name."""
        if not self.check_allowed(user.name):
            raise web.HTTPError(403, f"{user.name} is not on the class list")

    async def refresh_user(self, user, handler=None):
        """Return False for a name that is no longer on the list; True, or the user's new role, for the others."""
        if not self.check_allowed(user.name):
            return False
        is_teacher = self.is_admin(handler, {"name": user.name})
        return True if user.admin == is_teacher else {"name": user.name, "admin": is_teacher}

    def add_user(self, user):
        """Revoke tokens and cookies at the hub's start if the password is new or the name no longer on the list.

        Cookies contain the user's `cookie_id`, which is computed from the password, so a new password invalidates them.
        """
        super().add_user(user)
        user = getattr(user, "orm_user", user)
        valid = self._cookie_id(user)
        if user.cookie_id == valid:
            return
        if any(spawner.server for spawner in user.orm_spawners.values()):
            self.blocked_users.add(user.name)  # the hub stops their servers while it starts
        session = object_session(user)
        user.cookie_id = valid or secrets.token_hex(32)
        for token in (*user.api_tokens, *user.oauth_codes):
            session.delete(token)
        session.commit()

    def _cookie_id(self, user: User):
        """Return the valid id for the user's cookies; None for a name without a password, or not on the list."""
        password = self._passwords.now().get(user.name)
        if not password or not self.check_allowed(user.name):
            return None
        return hmac.new(self.parent.cookie_secret, f"{user.name} {password}".encode(), hashlib.sha256).hexdigest()
