"""test_artifacts: column for column the contract's table 2."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from artifactsvc.models.meta import Base, Id, Timestamp, utc_now


class Artifact(Base):
    __tablename__ = "test_artifacts"
    __table_args__ = (
        UniqueConstraint("storage_path", name="unique_artifact_path"),
        Index("idx_artifacts_test_case", "test_case_result_id"),
        Index("idx_artifacts_type", "artifact_type"),
        Index("idx_artifacts_step", "test_case_result_id", "step_number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    test_case_result_id: Mapped[str] = mapped_column(Id, ForeignKey("test_case_results.id", ondelete="CASCADE"))
    artifact_type: Mapped[str] = mapped_column(String(50))
    file_name: Mapped[str] = mapped_column(String(255))
    file_size: Mapped[int] = mapped_column(Integer)
    mime_type: Mapped[str] = mapped_column(String(100))
    checksum: Mapped[str | None] = mapped_column(String(64))
    storage_path: Mapped[str] = mapped_column(Text)
    step_number: Mapped[int | None] = mapped_column(Integer)
    iteration_number: Mapped[int | None] = mapped_column(Integer)
    artifact_category: Mapped[str | None] = mapped_column(String(50))
    description: Mapped[str | None] = mapped_column(Text)
    captured_at: Mapped[datetime | None] = mapped_column(Timestamp)
    uploaded_at: Mapped[datetime | None] = mapped_column(Timestamp, default=utc_now)
    created_at: Mapped[datetime | None] = mapped_column(Timestamp, default=utc_now)
