"""TLS to TWS: what is trusted, and what a failed handshake means."""

import ssl

from tws.config import TwsConfig
from tws.exceptions import TwsTlsError

EXPIRED, SELF_SIGNED, SELF_SIGNED_CHAIN = 10, 18, 19
UNKNOWN_ISSUER = {2, 20, 21}
WRONG_NAME = {62, 64}
NO_TLS = {
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "UNEXPECTED_EOF_WHILE_READING",
    "WRONG_VERSION_NUMBER",
}
TRUST = (
    "Put the certificate of its authority into a PEM file and name that in"
    " TWS_CA_BUNDLE; TWS_VERIFY_TLS=false goes without, in development only."
)


def make_context(config: TwsConfig) -> ssl.SSLContext:
    """Trust the site's own authority where it is given, or else the system's.

    Raises:
        TwsTlsError: The bundle cannot be read.
    """
    if not config.uses_tls:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context = ssl.create_default_context(cafile=config.ca_bundle or None)
    except (OSError, ssl.SSLError) as exc:
        msg = f"TWS_CA_BUNDLE names {config.ca_bundle}, which cannot be read: {exc}."
        action = "Give the path of a PEM file with the authority's certificate."
        raise TwsTlsError(msg, action=action) from exc
    # Newer Pythons refuse authorities that lack an optional extension; sites have them.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not config.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def handshake_problem(error: ssl.SSLError, base: str) -> TwsTlsError:
    """What a failed handshake with ``base`` means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_problem(error, base)
    if error.reason in NO_TLS:
        msg = f"{base} does not seem to speak TLS on this port."
        action = "Check the port in TWS_URL (usually 31116), and http or https."
        return TwsTlsError(msg, action=action)
    reason = (error.reason or "unknown").replace("_", " ").lower()
    msg = f"No secure connection to {base} could be made: {reason}."
    action = "Check the certificate of the server: old ones are refused (SHA-1)."
    return TwsTlsError(msg, action=action)


def _certificate_problem(error: ssl.SSLCertVerificationError, base: str) -> TwsTlsError:
    code = error.verify_code
    if code == EXPIRED:
        msg = f"The certificate of {base} has expired."
        return TwsTlsError(msg, action="Have it renewed on the server.")
    if code in WRONG_NAME:
        msg = f"The certificate of {base} is for another name."
        return TwsTlsError(msg, action="Use the name in the certificate in TWS_URL.")
    if code in {SELF_SIGNED, SELF_SIGNED_CHAIN}:
        msg = f"The certificate of {base} is self-signed, so it proves nothing yet."
        return TwsTlsError(msg, action=TRUST)
    if code in UNKNOWN_ISSUER:
        msg = f"The certificate of {base} comes from an authority not known here."
        return TwsTlsError(msg, action=TRUST)
    msg = f"The certificate of {base} is not valid: {error.verify_message}."
    return TwsTlsError(msg, action=TRUST)
