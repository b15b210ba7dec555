"""test_case_results: what came of one test in one run (decisions.md, 1)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from artifactsvc.models.meta import Base, Id, Timestamp, utc_now


class TestCaseResult(Base):
    __tablename__ = "test_case_results"
    __table_args__ = (
        Index("idx_test_case_results_newest", "created_at", "id"),
        Index("idx_test_case_results_run", "test_run_id", "created_at", "id"),
        Index("idx_test_case_results_history", "full_name", "created_at", "id"),
    )
    __test__ = False

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    test_run_id: Mapped[str | None] = mapped_column(Id, ForeignKey("test_runs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(500))
    full_name: Mapped[str] = mapped_column(String(1000))
    suite: Mapped[str | None] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(20))
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    error_message: Mapped[str | None] = mapped_column(Text)
    error_type: Mapped[str | None] = mapped_column(String(100))
    started_at: Mapped[datetime | None] = mapped_column(Timestamp)
    completed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
