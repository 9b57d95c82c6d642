"""What goes wrong below the apps.

ResyncSiteError
  EmbeddedDatabaseError    the PostgreSQL in the data folder cannot be used
    EmbeddedDatabaseInUse  it goes on: somebody still uses it
  UpFailed                 `make run` cannot go on

Every message is one sentence or two that say what to do, safe to show.
"""


class ResyncSiteError(Exception):
    """The root of this package's errors."""


class EmbeddedDatabaseError(ResyncSiteError):
    """The embedded PostgreSQL cannot be used."""


class EmbeddedDatabaseInUse(EmbeddedDatabaseError):
    """The embedded PostgreSQL was not stopped, because somebody uses it."""


class UpFailed(ResyncSiteError):
    """A part of the running site cannot be started, or ended by itself."""
