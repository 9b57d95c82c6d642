"""A server: no default for a secret, TLS assumed in front."""

from resync_site.settings.base import *
from resync_site.settings.base import LOGGING
from resync_site.settings.environment import BASE_DIR, flag, required, several

SECRET_KEY = required("SECRET_KEY", "Give a long random string.")
required("ALLOWED_HOSTS", "Give the host names that users type, separated by commas.")
ALLOWED_HOSTS = several("ALLOWED_HOSTS")
required("DATABASE_URL", "Give postgres://user:password@host:5432/name.")

SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # a load balancer asks without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING["handlers"]["stderr"]["formatter"] = "json"
