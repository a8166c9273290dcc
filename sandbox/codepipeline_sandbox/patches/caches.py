"""Caches results that libraries would otherwise compute for every container, client and account.

As on AWS, each container loads its modules and creates a session and clients. Each cloud also
creates its accounts. Without the caches, this would be slow. The caches never change a result.
"""

from __future__ import annotations

import builtins
import dataclasses
import inspect
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import botocore.client
import botocore.hooks
import botocore.httpsession
import botocore.loaders
import botocore.parsers
import botocore.regions
import botocore.session
import moto.core.models
import moto.core.responses
from botocore.hooks import EventAliaser
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.responses import BaseResponse
from responses import CallbackResponse

from codepipeline_sandbox.patches import event_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from codepipeline_sandbox.kernel.patches import Patches

_alias_event_name: Callable[[EventAliaser, str], str] = EventAliaser._alias_event_name  # type: ignore[attr-defined]  # noqa: SLF001 - it has no public name
_accepts_kwargs = botocore.hooks.accepts_kwargs
# All sessions share a loader, which caches the models that it reads.
_create_loader = cache(botocore.loaders.create_loader)
# moto creates a thousand of these for each cloud.
_callback_response = cache(CallbackResponse)
_method_name = cache(moto.core.responses.camelcase_to_underscores)
_create_ssl_context = cache(botocore.httpsession.create_urllib3_context)
_backends_of_account = BackendDict.__getitem__
_with_request_id: Callable[..., tuple[Any, Any]] = BaseResponse._enrich_response  # noqa: SLF001 - it has no public name
_parse_timestamp = lru_cache(maxsize=10_000)(botocore.parsers.DEFAULT_TIMESTAMP_PARSER)
_aliases: dict[str, str] = {}


def install(patches: Patches) -> None:
    """Make the libraries cache results that do not depend on the caller."""
    event_tables.install(patches)
    patches.attribute(botocore.session, "create_loader", _create_loader)
    patches.attribute(botocore.hooks, "accepts_kwargs", _takes_any_keyword)
    patches.attribute(EventAliaser, "_alias_event_name", _remembered_alias)
    patches.attribute(botocore.parsers, "DEFAULT_TIMESTAMP_PARSER", _parse_timestamp)
    patches.attribute(BackendDict, "__getitem__", _backends)
    patches.attribute(BaseResponse, "_enrich_response", staticmethod(_enriched))
    patches.attribute(AccountSpecificBackend, "_generate_regions", _regions)
    patches.attribute(moto.core.models, "CallbackResponse", _callback_response)
    patches.attribute(moto.core.responses, "camelcase_to_underscores", _method_name)
    patches.attribute(botocore.httpsession, "create_urllib3_context", _create_ssl_context)
    patches.attribute(botocore.client, "ServiceModel", _service_model)
    patches.attribute(botocore.regions, "EndpointProvider", _endpoint_provider)
    patches.attribute(dataclasses, "exec", _execute)


def _made_once(kind: Any) -> Callable[..., Any]:
    """Cache the objects of a class by the identity of the documents that they are created from."""
    made: dict[tuple[Any, ...], Any] = {}

    def make(*documents: Any, **more: Any) -> Any:
        given = (*documents, *more.values())
        key = tuple(one if isinstance(one, str) else id(one) for one in given)
        if key not in made:
            # Keep the documents, because the id of a deleted document can be reused.
            made[key] = (kind(*documents, **more), given)
        return made[key][0]

    return make


_service_model = _made_once(botocore.client.ServiceModel)
_endpoint_provider = _made_once(botocore.regions.EndpointProvider)  # type: ignore[attr-defined]


def _execute(text: str, names: dict[str, Any], local_names: dict[str, Any]) -> None:
    """Execute the source of a dataclass's method, and compile it only once."""
    builtins.exec(_code(text), names, local_names)  # noqa: S102 - like dataclasses


@cache
def _code(text: str) -> CodeType:
    return compile(text, "<string>", "exec", dont_inherit=True)


def _takes_any_keyword(function: Any) -> Any:
    """Whether a handler accepts `**kwargs`. Code flags are faster to read than a full signature."""
    code = getattr(function, "__code__", None)
    return _accepts_kwargs(function) if code is None else code.co_flags & inspect.CO_VARKEYWORDS


def _remembered_alias(aliaser: EventAliaser, event_name: str) -> str:
    if event_name not in _aliases:
        _aliases[event_name] = _alias_event_name(aliaser, event_name)
    return _aliases[event_name]


def _backends(service: Any, account_id: str) -> Any:
    """Look up an account's backends for a service, faster than moto does."""
    known = dict.get(service, account_id)
    return _backends_of_account(service, account_id) if known is None else known


def _enriched(headers: Any, body: Any) -> tuple[Any, Any]:
    """Add the request's id to the response.

    Bodies without `<RequestId>` skip moto's search for placeholders, which is slow.
    """
    if isinstance(body, str) and "<RequestId>" not in body:
        return _with_request_id(headers, "")[0], body
    return _with_request_id(headers, body)


def _regions(backend: AccountSpecificBackend, service_name: str) -> list[str]:
    return _regions_of(backend.get_session(), service_name)


@cache
def _regions_of(session: Any, service_name: str) -> list[str]:
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(service_name, partition_name=partition)
    ]
