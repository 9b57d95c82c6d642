"""People at their browsers."""

from django.contrib.auth.models import User
from django.test import Client


def signed_in(user: User) -> str:
    """Sign in; the value of the session cookie."""
    browser = Client()
    browser.force_login(user)
    return str(browser.cookies["sessionid"].value)
