"""What the environment decides: where things are, which port, which database."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from steward.errors import ConfigurationError

# Nobody becomes an administrator without one who decides it.
_SIGN_ON_ROLES = ("agent", "lead", "operator")
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_MAILBOX = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class SingleSignOn:
    """An OpenID Connect provider with which agents sign in, and whom it may bring.

    Who has an account or an invitation comes in with it; who has neither needs an address of one of the
    `domains`, and then gets the `role`.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    domains: tuple[str, ...] = ()
    role: str = "agent"


@dataclass(frozen=True)
class MailServer:
    """Who takes the e-mails to customers, and in whose name they are written.

    `encryption` is `tls` from the first byte, `starttls`, or `none` for a server on this machine.
    """

    host: str
    port: int
    encryption: Literal["tls", "starttls", "none"]
    user: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class ChatwootInbox:
    """An inbox of Chatwoot's API channel; without a secret its calls are not signed."""

    url: str
    account_id: int
    inbox_id: int
    token: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """One running Steward. Ports are TCP ports, times seconds unless the name says hours."""

    root: Path
    home: Path
    host: str
    port: int
    database_url: str
    bot_url: str
    bot_timeout: float
    reopen_hours: float
    single_sign_on: SingleSignOn | None = None
    mail: MailServer | None = None
    public_url: str = ""
    promise_hours: float = 4.0
    always_open: bool = False
    identity_secret: str = field(default="", repr=False)
    webhooks_allow_private: bool = False
    chatwoot: ChatwootInbox | None = None

    @property
    def chat_url(self) -> str:
        """Where customers find the chat: the address that e-mails lead back to."""
        return self.public_url or f"http://127.0.0.1:{self.port}/"

    @property
    def reopen_for(self) -> int:
        """How many milliseconds a closed conversation can be carried on."""
        return int(self.reopen_hours * 3_600_000)

    @property
    def bot_port(self) -> int:
        """The Rasa server's port, on loopback only."""
        return self.port + 1

    @property
    def bot_is_own(self) -> bool:
        """Whether the bot is one that `steward run` starts, not one that BOT_URL names elsewhere."""
        return self.bot_url == f"http://127.0.0.1:{self.bot_port}"

    @property
    def actions_port(self) -> int:
        """The action server's port, on loopback only."""
        return self.port + 2

    @property
    def memory(self) -> Path:
        """The folder of what the bots remember of conversations."""
        return self.home / "trackers"

    @property
    def catalogue(self) -> Path:
        """The folder of the shop's facts."""
        return self.root / "data" / "catalogue"

    @property
    def domain(self) -> Path:
        """The file with every word that the bot says."""
        return self.root / "domain.yml"


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises ConfigurationError naming the variable that is odd."""
    root = Path(env.get("STEWARD_ROOT") or _ROOT).resolve()
    home = Path(env.get("STEWARD_HOME") or root / ".steward").expanduser().resolve()
    port = _whole(env, "PORT", 8080, low=1, high=65533)
    return Settings(
        root=root,
        home=home,
        host=env.get("STEWARD_HOST") or "127.0.0.1",
        port=port,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{home / 'steward.db'}",
        bot_url=env.get("BOT_URL") or f"http://127.0.0.1:{port + 1}",
        bot_timeout=_number(env, "STEWARD_BOT_TIMEOUT", 8.0, low=0.1, high=120.0),
        reopen_hours=_number(env, "STEWARD_REOPEN_HOURS", 24.0, low=0.0, high=8760.0),
        single_sign_on=_single_sign_on(env),
        mail=_mail(env),
        public_url=_public_url(env),
        promise_hours=_number(env, "STEWARD_PROMISE_HOURS", 4.0, low=0.25, high=200.0),
        always_open=_always_open(env),
        identity_secret=env.get("STEWARD_IDENTITY_SECRET") or "",
        webhooks_allow_private=_yes(env, "STEWARD_WEBHOOKS_ALLOW_PRIVATE"),
        chatwoot=_chatwoot(env),
    )


def _single_sign_on(env: Mapping[str, str]) -> SingleSignOn | None:
    """The identity provider, or None when none is named."""
    issuer = env.get("STEWARD_OIDC_ISSUER") or ""
    if not issuer:
        return None
    address = urlsplit(issuer)
    on_this_machine = address.hostname in _THIS_MACHINE
    if not address.hostname or not (
        address.scheme == "https" or (address.scheme == "http" and on_this_machine)
    ):
        raise ConfigurationError(f"STEWARD_OIDC_ISSUER must be an https:// address; it is {issuer!r}.")
    for name in ("STEWARD_OIDC_CLIENT_ID", "STEWARD_OIDC_CLIENT_SECRET"):
        if not env.get(name):
            raise ConfigurationError(f"{name} is needed beside STEWARD_OIDC_ISSUER.")
    role = env.get("STEWARD_OIDC_ROLE") or "agent"
    if role not in _SIGN_ON_ROLES:
        roles = ", ".join(_SIGN_ON_ROLES)
        raise ConfigurationError(f"STEWARD_OIDC_ROLE must be one of {roles}; it is {role!r}.")
    return SingleSignOn(
        issuer=issuer,
        client_id=env["STEWARD_OIDC_CLIENT_ID"],
        client_secret=env["STEWARD_OIDC_CLIENT_SECRET"],
        name=env.get("STEWARD_OIDC_NAME") or "company account",
        domains=tuple(re.findall(r"[^\s,]+", (env.get("STEWARD_OIDC_DOMAINS") or "").lower())),
        role=role,
    )


def _mail(env: Mapping[str, str]) -> MailServer | None:
    """The mail server, or None when none is named."""
    url = env.get("STEWARD_SMTP_URL") or ""
    if not url:
        return None
    shown = "it must look like smtp://user:password@mail.example.org:587 or smtps://mail.example.org"
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        raise ConfigurationError(f"STEWARD_SMTP_URL is not an address; {shown}.") from None
    host = address.hostname or ""
    if address.scheme not in ("smtp", "smtps") or not host or address.path.strip("/"):
        raise ConfigurationError(f"STEWARD_SMTP_URL is not a mail server's address; {shown}.")
    here = host in _THIS_MACHINE
    encryption: Literal["tls", "starttls", "none"] = (
        "tls" if address.scheme == "smtps" else "none" if here else "starttls"
    )
    user, password = unquote(address.username or ""), unquote(address.password or "")
    sender = env.get("STEWARD_MAIL_FROM") or user
    if not _MAILBOX.fullmatch(sender):
        raise ConfigurationError(
            f"STEWARD_MAIL_FROM must be the e-mail address that the shop writes from; it is {sender!r}."
        )
    return MailServer(host, port or (465 if encryption == "tls" else 587), encryption, user, password, sender)


def _always_open(env: Mapping[str, str]) -> bool:
    """Whether customers may wait for a person at any hour, whatever the catalogue's opening hours are."""
    value = env.get("STEWARD_HOURS") or "catalogue"
    if value not in ("catalogue", "always"):
        raise ConfigurationError(f"STEWARD_HOURS must be catalogue or always; it is {value!r}.")
    return value == "always"


def _public_url(env: Mapping[str, str]) -> str:
    url = env.get("STEWARD_PUBLIC_URL") or ""
    if url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise ConfigurationError(
            "STEWARD_PUBLIC_URL must be the address of a page with the chat, like https://shop.example/help; "
            f"it is {url!r}."
        )
    return url


def _chatwoot(env: Mapping[str, str]) -> ChatwootInbox | None:
    """The neighbouring desk, or None when none is named."""
    url = env.get("STEWARD_CHATWOOT_URL") or ""
    if not url:
        return None
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        raise ConfigurationError(
            f"STEWARD_CHATWOOT_URL must look like https://app.chatwoot.com; it is {url!r}."
        )
    token = env.get("STEWARD_CHATWOOT_TOKEN") or ""
    if not token:
        raise ConfigurationError("STEWARD_CHATWOOT_TOKEN is needed beside STEWARD_CHATWOOT_URL.")
    return ChatwootInbox(
        url=url,
        account_id=_whole(env, "STEWARD_CHATWOOT_ACCOUNT", 1, low=1, high=2**31 - 1),
        inbox_id=_whole(env, "STEWARD_CHATWOOT_INBOX", 1, low=1, high=2**31 - 1),
        token=token,
        secret=env.get("STEWARD_CHATWOOT_SECRET") or "",
    )


def _yes(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name) or "0"
    if text not in ("0", "1"):
        raise ConfigurationError(f"{name} must be 1 or 0; it is {text!r}.")
    return text == "1"


def _whole(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    value = _number(env, name, float(default), low=low, high=high)
    if value != int(value):
        raise ConfigurationError(f"{name} must be a whole number; it is {env[name]!r}.")
    return int(value)


def _number(env: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = env.get(name) or ""
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise ConfigurationError(f"{name} must be a number; it is {text!r}.") from None
    if not low <= value <= high:
        raise ConfigurationError(f"{name} must lie between {low:g} and {high:g}; it is {text!r}.")
    return value
