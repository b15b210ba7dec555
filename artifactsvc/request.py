"""What a request of this service carries beside Pyramid's own.

A class of its own rather than `config.add_request_method`: with that, Pyramid makes a new class for every request, which costs
more than traversal and defeats the interpreter's attribute caches.
"""

from io import BytesIO
from typing import Any

from pyramid.decorator import reify
from pyramid.request import Request
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from transaction import TransactionManager
from webob.request import DisconnectionError
from zope.sqlalchemy.datamanager import STATUS_CHANGED, join_transaction

from artifactsvc.exceptions import UnavailableError
from artifactsvc.filestore import FileTransaction
from artifactsvc.services.audit import Actor


class ServiceRequest(Request):
    charset = "UTF-8"  # of forms, whatever their Content-Type says: WebOb raises where it says something else
    request_id: str = ""  # set by the access log's tween
    body_error: UnavailableError | None = None  # why there is no body
    validated: Any = None  # what `schema` or `query` of the view checked
    form: Any = None  # what `upload` of the view received

    @reify
    def tm(self) -> TransactionManager:
        """The transaction of this request; explicit, so that whoever is late with a write hears of it."""
        return TransactionManager(explicit=True)

    @reify
    def dbread(self) -> Connection:
        """A connection in autocommit, to look things up: it holds no lock, and a query is one round trip."""
        connection: Connection = self.registry["engines"].read.connect()
        self.add_finished_callback(lambda _: connection.close())
        return connection

    @reify
    def dbsession(self) -> Session:
        """The session of the request's transaction, for everything that writes. It commits with the files."""
        session = Session(self.registry["engines"].write, autoflush=False, expire_on_commit=False)
        # Joined once, and "changed" from the start: a statement of the Core would be rolled back in silence otherwise. The usual
        # `zope.sqlalchemy.register` gets there by seven event listeners for each session, a third of a millisecond a request.
        join_transaction(session, initial_state=STATUS_CHANGED, transaction_manager=self.tm)
        return session

    @property
    def address(self) -> str:
        """Where it comes from; the server has put the client's address there when the proxy in front of it is trusted."""
        return self.remote_addr or "unknown"

    @property
    def actor(self) -> Actor:
        """Who the audit trail says it was."""
        return Actor(self.authenticated_userid or "(anybody)", self.address)

    @reify
    def files(self) -> FileTransaction:
        """What this request's transaction does to the store."""
        return FileTransaction(self.registry["file store"], self.tm)

    def make_tempfile(self) -> BytesIO:
        """WebOb writes a body over 10 KB that is asked for as a whole to the disk. Here that is JSON, which has its limit."""
        return BytesIO()

    def copy_body(self) -> None:
        """pyramid_retry reads the body where nothing could answer an error: one that was cut off counts as none, which is no JSON either, and what
        the disk had to say about it is kept for the view.
        """
        try:
            super().copy_body()
        except DisconnectionError:
            self.body = b""
        except UnavailableError as error:
            self.body = b""
            self.body_error = error
