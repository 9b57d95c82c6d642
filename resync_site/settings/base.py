"""What every environment shares. Values come from the environment, checked here."""

import os
from pathlib import Path
from typing import Any

from resync_site import embedded, running_site
from resync_site.settings.environment import (
    BASE_DIR,
    database,
    flag,
    misspelt,
    number,
    one_of,
    several,
    text,
    url,
    whole,
)

# Before anything imports mem0: it phones home and writes to the home folder.
os.environ["MEM0_TELEMETRY"] = "False"

DATA_DIR = Path(text("RESYNC_DATA_DIR", str(BASE_DIR / ".resync"))).absolute()
os.environ.setdefault("MEM0_DIR", str(DATA_DIR / "mem0"))

# "web" is set by asgi.py alone: only a process that never forks may pool connections.
IS_WEB_PROCESS = os.environ.get("RESYNC_PROCESS") == "web"

DEBUG = False
SECRET_KEY = text("SECRET_KEY")
ALLOWED_HOSTS: list[str] = several("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = several("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "django_q",
    "ninja",
    "csp",
    "resync_site.apps.ResyncSiteConfig",
    "tws.apps.TwsConfig",
    "memory.apps.MemoryConfig",
    "audit.apps.AuditConfig",
    "agents.apps.AgentsConfig",
]

MIDDLEWARE = [
    "resync_site.api_errors.json_errors",  # outermost: what the others refuse, too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "resync_site.admin_lists.ForgivingLists",
]

ROOT_URLCONF = "resync_site.urls"
ASGI_APPLICATION = "resync_site.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("pt-br", "Português do Brasil")]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT: Path | None = None  # nothing is collected: the finders serve
WHITENOISE_USE_FINDERS = True

# --- Database -----------------------------------------------------------------

DATABASE_URL = text("DATABASE_URL")


def _database() -> dict[str, Any]:
    """A site's own PostgreSQL, or the embedded one; pooled in the web process alone."""
    if DATABASE_URL:
        config = database("DATABASE_URL")
    else:
        config = embedded.database_settings(DATA_DIR)
    options = {"connect_timeout": 10, **config.get("OPTIONS", {})}
    if IS_WEB_PROCESS:  # where somebody waits; a migration may take its time
        options.setdefault(
            "options",
            "-c statement_timeout=15000 -c lock_timeout=3000"
            " -c idle_in_transaction_session_timeout=30000",
        )
        options["pool"] = {
            "min_size": 2,
            "max_size": 10,
            "timeout": 5,
            "max_idle": 120,
            "max_lifetime": 1800,
        }
    return {
        **config,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if IS_WEB_PROCESS else 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}

# --- Live updates -------------------------------------------------------------

REDIS_URL = url("REDIS_URL", schemes=("redis", "rediss", "unix"))
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
        if REDIS_URL
        else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    )
}

# --- HCL Workload Automation --------------------------------------------------

TWS_IS_SIMULATOR = not several("TWS_URL")
# Without a TWS of one's own, the simulator of this folder's running `make run`.
TWS_URLS = [
    item.rstrip("/")
    for item in several("TWS_URL") or running_site.simulator_urls(DATA_DIR)
]
TWS_USER = text("TWS_USER")
TWS_PASSWORD = text("TWS_PASSWORD")
TWS_API_KEY = text("TWS_API_KEY")
TWS_VERIFY_TLS = flag("TWS_VERIFY_TLS", default=True)
TWS_CA_BUNDLE = text("TWS_CA_BUNDLE")
TWS_TIMEOUT = number("TWS_TIMEOUT", 30, low=0.1, high=600)
TWS_CACHE_TTL = number("TWS_CACHE_TTL", 60, low=0, high=3600)

# --- Models -------------------------------------------------------------------

LLM_BASE_URL = url("LLM_BASE_URL")
LLM_API_KEY = text("LLM_API_KEY")
LLM_MODEL = text("LLM_MODEL")
AGENT_TURN_SECONDS = number("AGENT_TURN_SECONDS", 60, low=1, high=600)

AUDITOR_BASE_URL = url("AUDITOR_BASE_URL", LLM_BASE_URL)
AUDITOR_MODEL = text("AUDITOR_MODEL", LLM_MODEL)
AUDITOR_API_KEY = text("AUDITOR_API_KEY", LLM_API_KEY)
AUDIT_FLAG_THRESHOLD = number("AUDIT_FLAG_THRESHOLD", 0.60, low=0, high=1)
AUDIT_QUARANTINE_THRESHOLD = number("AUDIT_QUARANTINE_THRESHOLD", 0.85, low=0, high=1)
AUDIT_LEASE_SECONDS = number("AUDIT_LEASE_SECONDS", 120, low=1, high=3600)

EMBEDDINGS_BASE_URL = url("EMBEDDINGS_BASE_URL")
EMBEDDINGS_API_KEY = text("EMBEDDINGS_API_KEY", LLM_API_KEY)
EMBEDDINGS_MODEL = text("EMBEDDINGS_MODEL")
EMBEDDINGS_DIM = whole("EMBEDDINGS_DIM", 384, low=8, high=2000)

METRICS_TOKEN = text("METRICS_TOKEN")

# --- The audit's clock --------------------------------------------------------

# retry > timeout x (ceil((queue_limit + bulk) / workers) + 1), or tasks run twice.
Q_CLUSTER = {
    "name": "resync",
    "label": "Resync",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 120,
    "retry": 600,
    "max_attempts": 3,
    "ack_failures": False,
    "save_limit": 1000,
    "catch_up": False,
    "poll": 0.5,
    "guard_cycle": 0.5,
    "recycle": 200,
}

# --- Pages --------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

LOG_LEVEL = one_of(
    "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "resync_site.logs.LineFormatter"},
        "json": {"()": "resync_site.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": LOG_LEVEL}
        for name in (
            "resync_site",
            "agents",
            "tws",
            "memory",
            "audit",
            "django",
            "daphne",
        )
    },
}

# --- What nobody read ---------------------------------------------------------

MISSPELT = misspelt()
