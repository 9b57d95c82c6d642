"""The suite: its own PostgreSQL, no model, fast password hashes."""

import os

os.environ["RESYNC_READ_DOTENV"] = "0"

from resync_site.settings.dev import *

SECRET_KEY = "tests-only"  # noqa: S105
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
