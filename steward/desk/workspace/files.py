"""Files that customers and agents send: taken in, kept, given out, and swept away when nobody needs them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from steward.desk import shapes
from steward.desk.store import Quota, Store, StoredFile, StoreUnavailable
from steward.desk.store.files import CUSTOMER
from steward.desk.tasks import Tasks
from steward.desk.workspace.disk import Disk, Incoming
from steward.desk.workspace.filetypes import fitting_name, recognise
from steward.errors import ConfigurationError, ConversationError

LARGEST = 10 * 1024 * 1024
QUOTA = Quota(files=100, size=100 * 1024 * 1024)
IN_A_MESSAGE = 10
UNSENT_FOR = 24 * 3_600_000
RESERVE = 512 * 1024 * 1024
"""Bytes that stay free on the disk, for the database and the logs."""

_PIECE = 256 * 1024
_SWEEP_SECONDS = 3600
_KEY_BYTES = 32
_LINK_SECONDS = 3600
_LOG = logging.getLogger("steward.desk.workspace.files")


class Links:
    """Addresses that open a file for a while to whoever holds them, as a picture cannot send a token."""

    def __init__(self, key: bytes, now: Callable[[], int]) -> None:
        self._key = key
        self._now = now

    def make(self, file_id: str) -> str:
        """The file's address; it is the same for an hour, so that browsers keep what they have."""
        until = (self._now() // 1000 // _LINK_SECONDS + 2) * _LINK_SECONDS
        return f"{shapes.file_link(file_id)}?until={until}&signature={self._sign(file_id, until)}"

    def opens(self, file_id: str, until: int, signature: str) -> bool:
        """Whether the address was made here; raises ConversationError when its time is over."""
        if not hmac.compare_digest(self._sign(file_id, until).encode(), signature.encode("utf-8", "replace")):
            return False
        if until <= self._now() // 1000:
            raise ConversationError(
                "link_expired", "This link is no longer good; ask for a new one.", status=403
            )
        return True

    def _sign(self, file_id: str, until: int) -> str:
        return hmac.new(self._key, f"{file_id} {until}".encode(), hashlib.sha256).hexdigest()


class Attachments:
    """The files of all conversations. `open` before use, `close` at the end."""

    def __init__(self, home: Path, store: Store, now: Callable[[], int]) -> None:
        self._home = home
        self._store = store
        self._now = now
        self._disk = Disk(home / "files")
        self._links = Links(b"", now)
        self._tasks = Tasks()

    async def open(self) -> None:
        """Make what is needed at home; raises ConfigurationError when that cannot be."""
        try:
            self._disk.open()
            self._links = Links(signing_key(self._home / "files.key"), self._now)
        except OSError as error:
            message = f"Files cannot be kept in {self._home} ({error}); check STEWARD_HOME."
            raise ConfigurationError(message) from error

    async def close(self) -> None:
        """Let uploads that have arrived be stored."""
        await self._tasks.finish(5)

    async def run(self) -> None:
        """Sweep now and every hour."""
        while True:
            try:
                await self.sweep()
            except (OSError, StoreUnavailable) as error:
                _LOG.error("%s Files are swept again later.", error)
            await asyncio.sleep(_SWEEP_SECONDS)

    # In

    async def receive(
        self,
        conversation_id: str,
        uploader: str,
        chunks: AsyncIterator[bytes],
        name: Callable[[], str],
        key: str | None,
    ) -> StoredFile:
        """Keep a file; `name` is asked for when all has arrived. Whatever fails leaves nothing.

        Raises ConversationError for what is too large or not of a kind that is taken.
        """
        await self._refuse_a_full_disk()
        try:
            incoming = self._disk.begin()
            try:
                await self._write(incoming, chunks)
            except BaseException:
                incoming.discard()
                raise
            # From here on it is whole: a client that goes away now does not undo it.
            return await self._tasks.whole(self._keep(incoming, conversation_id, uploader, name, key))
        except OSError as error:
            _LOG.error("A file could not be kept: %s.", error)
            raise _cannot_keep() from error

    async def _refuse_a_full_disk(self) -> None:
        """Files are refused before there is no room left for conversations."""
        if await asyncio.to_thread(self._disk.free) < RESERVE:
            _LOG.error("Files are refused: the disk of %s is nearly full.", self._home)
            raise _cannot_keep()

    async def _write(self, incoming: Incoming, chunks: AsyncIterator[bytes]) -> None:
        piece = bytearray()
        async for chunk in chunks:
            piece += chunk
            if incoming.size + len(piece) > LARGEST:
                raise too_large()
            if len(piece) >= _PIECE:
                await asyncio.to_thread(incoming.write, bytes(piece))
                piece.clear()
        incoming.write(bytes(piece))

    async def _keep(
        self,
        incoming: Incoming,
        conversation_id: str,
        uploader: str,
        name: Callable[[], str],
        key: str | None,
    ) -> StoredFile:
        kept = False
        try:
            kind = await asyncio.to_thread(recognise, incoming.file, name())
            await asyncio.to_thread(incoming.settle)
            file = StoredFile(
                incoming.id,
                conversation_id,
                uploader,
                fitting_name(name(), kind),
                kind.media,
                incoming.size,
                incoming.digest,
                self._now(),
                key=key,
            )
            stored = await self._store.files.add(file, QUOTA)
            kept = stored.id == incoming.id
        finally:
            incoming.keep() if kept else incoming.discard()
        return stored

    async def chosen(
        self, conversation_id: str, uploader: str, ids: Sequence[str]
    ) -> tuple[dict[str, Any], ...]:
        """The uploader's files as they become part of a message; raises ConversationError for any other."""
        if len(set(ids)) != len(ids) or len(ids) > IN_A_MESSAGE:
            message = f"A message takes {IN_A_MESSAGE} files, each once."
            raise ConversationError("invalid", message, status=400, field="files")
        if not ids:
            return ()
        mine = {
            file.id: file for file in await self._store.files.of(conversation_id) if file.uploader == uploader
        }
        if not mine.keys() >= set(ids):
            message = "One of the files is not there; upload it first."
            raise ConversationError("invalid", message, status=400, field="files")
        return tuple(attachment(mine[file_id]) for file_id in ids)

    # Out

    async def of_conversation(self, conversation_id: str, file_id: str) -> StoredFile:
        """One of the conversation's files; raises ConversationError when it is none."""
        file = await self._store.files.by_id(file_id)
        if file is None or file.conversation_id != conversation_id:
            raise no_file()
        return file

    async def linked(self, file_id: str, until: int, signature: str) -> StoredFile:
        """The file that an address made by `link` opens; raises ConversationError for any other."""
        if not self._links.opens(file_id, until, signature):
            raise no_file()
        return await self.any(file_id)

    async def any(self, file_id: str) -> StoredFile:
        """The file with this id, whosever it is; raises ConversationError when there is none."""
        file = await self._store.files.by_id(file_id)
        if file is None:
            raise no_file()
        return file

    def content(self, file: StoredFile) -> BinaryIO:
        """What is in it; raises ConversationError when it has gone from the disk."""
        try:
            return self._disk.read(file.id)
        except FileNotFoundError:
            _LOG.error("The file %s is not in %s.", file.id, self._home / "files")
            raise no_file() from None

    async def exported(self, conversation_id: str) -> list[dict[str, Any]]:
        """The conversation's files as the customer gets them with all else: own ones, and those sent."""
        return [
            attachment(file)
            | {"url": self.link(file.id), "at": shapes.time_text(file.at), "sha256": file.digest}
            for file in await self._store.files.of(conversation_id)
            if is_customers(file)
        ]

    def link(self, file_id: str) -> str:
        """An address that opens the file for a while to whoever holds it."""
        return self._links.make(file_id)

    # Away

    async def take_back(self, file: StoredFile) -> None:
        """Delete a file that was not sent; raises ConversationError when it was."""
        if not await self._store.files.drop(file.id):
            raise ConversationError("file_gone", "The file was sent already.", field="file")
        self._disk.remove(file.id)

    async def removed(self, files: Sequence[StoredFile]) -> None:
        """The store has forgotten these files: delete them."""
        await asyncio.to_thread(self._disk.remove, *(file.id for file in files))

    async def sweep(self) -> None:
        """Delete what was uploaded a day ago and never sent, and what no row in the database knows."""
        unsent = await self._store.files.drop_unsent(self._now() - UNSENT_FOR)
        await asyncio.to_thread(self._disk.remove, *unsent)
        for names in self._disk.batches():
            unknown = set(names) - await self._store.files.known(names)
            if not unknown:
                continue
            with self._disk.idle(sorted(unknown)) as idle:
                # Only now is it certain that whoever wrote one of them has told the database, or never will.
                known = await self._store.files.known(idle.names)
                self._disk.remove(*set(idle.names) - known)


def signing_key(path: Path) -> bytes:
    """The secret that signs links, made once (mode 0600) and the same for all desks that share the home."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        # Of several desks that start at once one has its key taken, and never half of it.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    key = path.read_bytes()
    if len(key) < _KEY_BYTES:
        raise ConfigurationError(f"{path} is not whole; delete it and start again.")
    return key


def attachment(file: StoredFile) -> dict[str, Any]:
    """The file as a message carries it, but for its address."""
    return {"id": file.id, "name": file.name, "type": file.type, "size": file.size}


def is_customers(file: StoredFile) -> bool:
    """Whether the customer may see it: their own, and what was sent to them."""
    return file.uploader == CUSTOMER or file.seq is not None


def too_large() -> ConversationError:
    """The answer for a file of more than is taken."""
    message = f"The file is too large; {LARGEST // 1024 // 1024} MiB are allowed."
    return ConversationError("file_too_large", message, status=413, field="file")


def _cannot_keep() -> ConversationError:
    return ConversationError("unavailable", "The file cannot be kept just now; try again later.", status=503)


def no_file() -> ConversationError:
    """The answer for what is not there and for what is not theirs."""
    return ConversationError("not_found", "There is no such file.", status=404)
