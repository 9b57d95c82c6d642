"""A laptop: everything has a default, nothing is hidden."""

import hashlib

from resync_site.settings.base import *
from resync_site.settings.base import ALLOWED_HOSTS, SECRET_KEY
from resync_site.settings.environment import BASE_DIR

DEBUG = False  # tracebacks go to the log; the pages are those an operator sees
SECRET_KEY = SECRET_KEY or hashlib.sha256(f"resync-dev:{BASE_DIR}".encode()).hexdigest()
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
