"""test_runs: one execution of a suite (decisions.md, 1)."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from artifactsvc.models.meta import Base, Id, Timestamp, utc_now


class TestRun(Base):
    __tablename__ = "test_runs"
    __table_args__ = (Index("idx_test_runs_newest", "created_at", "id"), Index("idx_test_runs_project", "project", "created_at", "id"))
    __test__ = False  # not for pytest

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    project: Mapped[str | None] = mapped_column(String(100))
    branch: Mapped[str | None] = mapped_column(String(255))
    commit_sha: Mapped[str | None] = mapped_column(String(64))
    build_url: Mapped[str | None] = mapped_column(Text)
    environment: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime | None] = mapped_column(Timestamp)
    completed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
