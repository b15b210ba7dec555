"""Users, sessions, tokens, the login throttle, and an audit trail that the database itself keeps from being changed."""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

REFUSE_POSTGRESQL = """
CREATE FUNCTION audit_events_are_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit_events is append-only'; END $$;
CREATE TRIGGER audit_events_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_are_kept();
"""


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    uuid = sa.CHAR(36).with_variant(sa.dialects.postgresql.UUID(as_uuid=False), "postgresql")
    time = sa.DateTime(timezone=True)
    op.create_table(
        "users",
        sa.Column("id", uuid, primary_key=True),
        sa.Column("login", sa.String(100), nullable=False, unique=True),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", time, nullable=False),
    )
    op.create_table(
        "login_sessions",
        sa.Column("secret_hash", sa.String(64), primary_key=True),
        sa.Column("user_id", uuid, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("created_at", time, nullable=False),
        sa.Column("last_seen_at", time, nullable=False),
    )
    op.create_index("idx_login_sessions_user", "login_sessions", ["user_id"])
    op.create_table(
        "api_tokens",
        sa.Column("id", uuid, primary_key=True),
        sa.Column("user_id", uuid, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("hint", sa.String(20), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("expires_at", time),
        sa.Column("last_used_at", time),
        sa.Column("revoked_at", time),
    )
    op.create_index("idx_api_tokens_user", "api_tokens", ["user_id"])
    op.create_table(
        "login_throttle",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("blocked_until", time, nullable=False),
        sa.Column("updated_at", time, nullable=False),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", uuid, primary_key=True),
        sa.Column("at", time, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("target", sa.Text),
    )
    op.create_index("idx_audit_events_newest", "audit_events", ["at", "id"])
    if postgresql:
        op.execute(REFUSE_POSTGRESQL)
    else:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_events_{what.lower()} BEFORE {what} ON audit_events "
                "BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END"
            )
