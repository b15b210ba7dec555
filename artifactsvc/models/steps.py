"""test_step_results: column for column the contract's table 1."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from artifactsvc.models.meta import Base, Id, Timestamp, utc_now


class Step(Base):
    __tablename__ = "test_step_results"
    __table_args__ = (
        UniqueConstraint("test_case_result_id", "step_number", name="unique_step_per_test"),
        Index("idx_step_results_test_case", "test_case_result_id"),
        Index("idx_step_results_status", "status"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    test_case_result_id: Mapped[str] = mapped_column(Id, ForeignKey("test_case_results.id", ondelete="CASCADE"))
    step_number: Mapped[int] = mapped_column(Integer)
    step_type: Mapped[str] = mapped_column(String(50))
    action: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    element_selector: Mapped[str | None] = mapped_column(Text)
    element_name: Mapped[str | None] = mapped_column(String(255))
    element_type: Mapped[str | None] = mapped_column(String(50))
    input_value: Mapped[str | None] = mapped_column(Text)
    expected_value: Mapped[str | None] = mapped_column(Text)
    actual_value: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    error_type: Mapped[str | None] = mapped_column(String(100))
    stack_trace: Mapped[str | None] = mapped_column(Text)
    # no foreign key in the contract; services/artifacts.py empties it when the artifact is deleted
    screenshot_artifact_id: Mapped[str | None] = mapped_column(Id)
    started_at: Mapped[datetime | None] = mapped_column(Timestamp)
    completed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    created_at: Mapped[datetime | None] = mapped_column(Timestamp, default=utc_now)
