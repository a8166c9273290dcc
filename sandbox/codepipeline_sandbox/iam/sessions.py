"""Role sessions, with their temporary credentials and expiry."""

from __future__ import annotations

import base64
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.iam.models import AccessKey, iam_backends
from moto.sts.models import AssumedRole, sts_backends

from codepipeline_sandbox.kernel.protocols import Credentials

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import World

_KEY_CHARACTERS = string.ascii_uppercase + "234567"
_TOKEN_PREFIX = "IQoJb3JpZ2luX2Vj"  # noqa: S105 - the prefix of AWS's tokens


@dataclass(frozen=True)
class Session:
    """A role session."""

    arn: str
    role_arn: str
    user_id: str  # the role's unique id and the session's name
    account: str
    credentials: Credentials

    def expired(self, now: datetime) -> bool:
        """Whether the credentials have expired."""
        expiration = self.credentials.expiration
        return expiration is not None and now >= expiration


class Sessions:
    """All sessions that were ever opened, indexed by access key id."""

    def __init__(self) -> None:
        self._by_key: dict[str, Session] = {}

    def find(self, access_key_id: str) -> Session | None:
        """Return the session with this access key, expired or not."""
        return self._by_key.get(access_key_id)

    def open(self, world: World, role: Any, name: str, *, seconds: int) -> Session:
        """Open a session for a role in moto, with credentials determined by the world's seed."""
        session = Session(
            arn=f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{name}",
            role_arn=role.arn,
            user_id=f"{role.id}:{name}",
            account=role.account_id,
            credentials=self._credentials(world, seconds),
        )
        self._by_key[session.credentials.access_key_id] = session
        _tell_moto(session, role.partition, name, seconds)
        return session

    def _credentials(self, world: World, seconds: int) -> Credentials:
        key = ""
        while not key or key in self._by_key:
            key = "ASIA" + "".join(world.random.choices(_KEY_CHARACTERS, k=16))
        return Credentials(
            access_key_id=key,
            secret_access_key=_base64(world, 30),
            session_token=_TOKEN_PREFIX + _base64(world, 270),
            # The API returns whole seconds.
            expiration=(world.datetime() + timedelta(seconds=seconds)).replace(microsecond=0),
        )


def _base64(world: World, size: int) -> str:
    return base64.b64encode(world.random.randbytes(size)).decode()


def _tell_moto(session: Session, partition: str, name: str, seconds: int) -> None:
    """Register the session with moto, which finds a request's account by its access key."""
    credentials = session.credentials
    key = AccessKey(user_name=None, prefix="ASIA", account_id=session.account)
    key.access_key_id = credentials.access_key_id
    key.secret_access_key = credentials.secret_access_key
    iam_backends[session.account][partition].access_keys[key.access_key_id] = key
    assumed = AssumedRole(
        account_id=session.account,
        region_name=partition,
        access_key=key,
        role_session_name=name,
        role_arn=session.role_arn,
        policy=None,
        duration=seconds,
        external_id=None,
    )
    assumed.session_token = credentials.session_token
    assumed.expiration = credentials.expiration
    sts_backends[session.account][partition].assumed_roles.append(assumed)
