"""Runs, results, steps, artifacts, idempotency keys.

On PostgreSQL the two tables of the contract are made by its own statements, so that every name is the one it gives. SQLite
gets the nearest equivalent: ids and times as text.
"""
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STEPS = """
CREATE TABLE test_step_results (
    id {uuid} PRIMARY KEY DEFAULT {gen_random_uuid},
    test_case_result_id {uuid} NOT NULL REFERENCES test_case_results(id) ON DELETE CASCADE,
    step_number INTEGER NOT NULL,
    step_type VARCHAR(50) NOT NULL,
    action VARCHAR(100),
    description TEXT,
    status VARCHAR(20) NOT NULL DEFAULT 'Pending',
    duration_ms INTEGER,
    element_selector TEXT,
    element_name VARCHAR(255),
    element_type VARCHAR(50),
    input_value TEXT,
    expected_value TEXT,
    actual_value TEXT,
    error_message TEXT,
    error_type VARCHAR(100),
    stack_trace TEXT,
    screenshot_artifact_id {uuid},
    started_at {timestamp},
    completed_at {timestamp},
    created_at {timestamp} DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT unique_step_per_test UNIQUE (test_case_result_id, step_number)
)
"""

ARTIFACTS = """
CREATE TABLE test_artifacts (
    id {uuid} PRIMARY KEY DEFAULT {gen_random_uuid},
    test_case_result_id {uuid} NOT NULL REFERENCES test_case_results(id) ON DELETE CASCADE,
    artifact_type VARCHAR(50) NOT NULL,
    file_name VARCHAR(255) NOT NULL,
    file_size INTEGER NOT NULL,
    mime_type VARCHAR(100) NOT NULL,
    checksum VARCHAR(64),
    storage_path TEXT NOT NULL,
    step_number INTEGER,
    iteration_number INTEGER DEFAULT 1,
    artifact_category VARCHAR(50),
    description TEXT,
    captured_at {timestamp},
    uploaded_at {timestamp} DEFAULT CURRENT_TIMESTAMP,
    created_at {timestamp} DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT unique_artifact_path UNIQUE (storage_path)
)
"""

POSTGRESQL = {"uuid": "UUID", "gen_random_uuid": "gen_random_uuid()", "timestamp": "TIMESTAMP WITH TIME ZONE"}
SQLITE = {
    "uuid": "CHAR(36)",
    "gen_random_uuid": "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)"
    " || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))",
    "timestamp": "DATETIME",
}


def upgrade() -> None:
    names = POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE
    uuid = sa.CHAR(36).with_variant(sa.dialects.postgresql.UUID(as_uuid=False), "postgresql")
    time = sa.DateTime(timezone=True)
    now = sa.text("CURRENT_TIMESTAMP")
    op.create_table(
        "test_runs",
        sa.Column("id", uuid, server_default=sa.text(names["gen_random_uuid"]), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("project", sa.String(100)),
        sa.Column("branch", sa.String(255)),
        sa.Column("commit_sha", sa.String(64)),
        sa.Column("build_url", sa.Text),
        sa.Column("environment", sa.String(100)),
        sa.Column("status", sa.String(20), nullable=False, server_default="Pending"),
        sa.Column("started_at", time),
        sa.Column("completed_at", time),
        sa.Column("created_at", time, nullable=False, server_default=now),
    )
    op.create_index("idx_test_runs_newest", "test_runs", ["created_at", "id"])
    op.create_index("idx_test_runs_project", "test_runs", ["project", "created_at", "id"])
    op.create_table(
        "test_case_results",
        sa.Column("id", uuid, server_default=sa.text(names["gen_random_uuid"]), primary_key=True),
        sa.Column("test_run_id", uuid, sa.ForeignKey("test_runs.id", ondelete="CASCADE")),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("full_name", sa.String(1000), nullable=False),
        sa.Column("suite", sa.String(500)),
        sa.Column("status", sa.String(20), nullable=False, server_default="Pending"),
        sa.Column("duration_ms", sa.Integer),
        sa.Column("error_message", sa.Text),
        sa.Column("error_type", sa.String(100)),
        sa.Column("started_at", time),
        sa.Column("completed_at", time),
        sa.Column("created_at", time, nullable=False, server_default=now),
    )
    op.create_index("idx_test_case_results_newest", "test_case_results", ["created_at", "id"])
    op.create_index("idx_test_case_results_run", "test_case_results", ["test_run_id", "created_at", "id"])
    op.create_index("idx_test_case_results_history", "test_case_results", ["full_name", "created_at", "id"])
    op.execute(STEPS.format(**names))
    op.execute("CREATE INDEX idx_step_results_test_case ON test_step_results(test_case_result_id)")
    op.execute("CREATE INDEX idx_step_results_status ON test_step_results(status)")
    op.execute(ARTIFACTS.format(**names))
    op.execute("CREATE INDEX idx_artifacts_test_case ON test_artifacts(test_case_result_id)")
    op.execute("CREATE INDEX idx_artifacts_type ON test_artifacts(artifact_type)")
    op.execute("CREATE INDEX idx_artifacts_step ON test_artifacts(test_case_result_id, step_number)")
    op.create_table(
        "idempotency_keys",
        sa.Column("principal", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("location", sa.Text),
        sa.Column("body", sa.Text),
        sa.Column("created_at", time, nullable=False, server_default=now),
    )
    op.create_index("idx_idempotency_keys_created", "idempotency_keys", ["created_at"])
