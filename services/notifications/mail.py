"""The only door to SMTP: one message to one person."""

import re
import smtplib
import ssl
from contextlib import closing, suppress
from email.errors import MessageError
from email.message import EmailMessage
from urllib.parse import urlsplit

from services.errors import DeliveryFailed
from services.settings import MailSettings

SECONDS = 10.0
ADDRESS_MAX = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def is_address(text: str) -> bool:
    """One plain address, nothing that a mail server could read as more."""
    return len(text) <= ADDRESS_MAX and _ADDRESS.fullmatch(text) is not None


def send_mail(mail: MailSettings, message: EmailMessage, *, from_url: str) -> None:
    """Raises: DeliveryFailed, in words, without what the server said of users and passwords."""
    try:
        with closing(_connected(mail, urlsplit(from_url).hostname or "localhost")) as server:
            if mail.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if mail.user:
                server.login(mail.user, mail.password)
            server.send_message(message)
            # It is taken now; whatever the server says to our good-bye, it must not be sent again.
            with suppress(OSError):
                server.quit()
    except (OSError, smtplib.SMTPException, MessageError, ValueError) as error:
        raise _in_words(error) from error


# The first row that fits; the last one fits everything that is caught.
_WORDS: tuple[tuple[type[Exception], str, bool], ...] = (
    (smtplib.SMTPAuthenticationError, "The mail server does not accept our user name and password.", False),
    (smtplib.SMTPNotSupportedError, "The mail server lacks what the settings ask for: STARTTLS or signing in.", False),
    (ssl.SSLError, "The mail server's certificate cannot be trusted.", False),
    (TimeoutError, f"The mail server did not answer within {SECONDS:.0f} seconds.", False),
    (smtplib.SMTPException, "The mail server broke off.", False),
    (OSError, "The mail server cannot be reached.", False),
    (Exception, "The message cannot be written as an e-mail.", True),
)


def _in_words(error: Exception) -> DeliveryFailed:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _ in error.recipients.values()), 550)
        return DeliveryFailed(
            f"The mail server does not take messages for this address ({code}).", is_final=code >= 500
        )
    if isinstance(error, smtplib.SMTPResponseException) and not isinstance(error, smtplib.SMTPAuthenticationError):
        is_final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        return DeliveryFailed(f"The mail server refuses the message ({error.smtp_code}).", is_final=is_final)
    # The library tells of a wait that was too long as of a server that hung up.
    cause = error.__context__ if isinstance(error.__context__, TimeoutError) else error
    _, sentence, is_final = next(row for row in _WORDS if isinstance(cause, row[0]))
    return DeliveryFailed(sentence, is_final=is_final)


def _connected(mail: MailSettings, name: str) -> smtplib.SMTP:
    if mail.security == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mail.host, mail.port, local_hostname=name, timeout=SECONDS, context=context)
    return smtplib.SMTP(mail.host, mail.port, local_hostname=name, timeout=SECONDS)
