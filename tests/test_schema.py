"""The schema that the migrations make: on PostgreSQL the contract's, letter by letter."""

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from artifactsvc import main, make_app, migrations
from artifactsvc.models import Base
from artifactsvc.models.engines import make_engines

CONTRACT = {
    "test_step_results": [
        "id uuid NOT NULL DEFAULT gen_random_uuid()",
        "test_case_result_id uuid NOT NULL",
        "step_number integer NOT NULL",
        "step_type character varying(50) NOT NULL",
        "action character varying(100)",
        "description text",
        "status character varying(20) NOT NULL DEFAULT 'Pending'::character varying",
        "duration_ms integer",
        "element_selector text",
        "element_name character varying(255)",
        "element_type character varying(50)",
        "input_value text",
        "expected_value text",
        "actual_value text",
        "error_message text",
        "error_type character varying(100)",
        "stack_trace text",
        "screenshot_artifact_id uuid",
        "started_at timestamp with time zone",
        "completed_at timestamp with time zone",
        "created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP",
    ],
    "test_artifacts": [
        "id uuid NOT NULL DEFAULT gen_random_uuid()",
        "test_case_result_id uuid NOT NULL",
        "artifact_type character varying(50) NOT NULL",
        "file_name character varying(255) NOT NULL",
        "file_size integer NOT NULL",
        "mime_type character varying(100) NOT NULL",
        "checksum character varying(64)",
        "storage_path text NOT NULL",
        "step_number integer",
        "iteration_number integer DEFAULT 1",
        "artifact_category character varying(50)",
        "description text",
        "captured_at timestamp with time zone",
        "uploaded_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP",
        "created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP",
    ],
}
CONSTRAINTS = {
    "test_step_results": {
        "test_step_results_pkey": "PRIMARY KEY (id)",
        "test_step_results_test_case_result_id_fkey": "FOREIGN KEY (test_case_result_id) REFERENCES test_case_results(id) ON DELETE CASCADE",
        "unique_step_per_test": "UNIQUE (test_case_result_id, step_number)",
    },
    "test_artifacts": {
        "test_artifacts_pkey": "PRIMARY KEY (id)",
        "test_artifacts_test_case_result_id_fkey": "FOREIGN KEY (test_case_result_id) REFERENCES test_case_results(id) ON DELETE CASCADE",
        "unique_artifact_path": "UNIQUE (storage_path)",
    },
}
INDEXES = {
    "test_step_results": {"idx_step_results_test_case": "(test_case_result_id)", "idx_step_results_status": "(status)"},
    "test_artifacts": {
        "idx_artifacts_test_case": "(test_case_result_id)",
        "idx_artifacts_type": "(artifact_type)",
        "idx_artifacts_step": "(test_case_result_id, step_number)",
    },
}
COLUMNS = """
SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = CAST(:table AS regclass) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


@pytest.mark.parametrize("table", CONTRACT)
def test_the_catalog_says_what_the_contract_says(table, postgresql_url):
    engines = make_engines(postgresql_url, 1, 5)
    with engines.read.connect() as db:
        assert db.execute(text(COLUMNS), {"table": table}).scalars().all() == CONTRACT[table]
        query = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = CAST(:table AS regclass) AND contype <> 'n'"
        assert {row[0]: row[1] for row in db.execute(text(query), {"table": table})} == CONSTRAINTS[table]
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :table"
        indexes = {row[0]: re.sub(r".* USING btree ", "", row[1]) for row in db.execute(text(query), {"table": table})}
        assert {name: definition for name, definition in indexes.items() if name not in CONSTRAINTS[table]} == INDEXES[table]
    engines.dispose()


def test_the_models_have_the_columns_of_the_tables(database_url):
    engines = make_engines(database_url, 1, 5)
    inspector = inspect(engines.read)
    for table in Base.metadata.sorted_tables:
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert set(found) == {column.name for column in table.columns}
        # SQLite knows no NOT NULL of a primary key that is text
        mine = {column.name: column.nullable for column in table.columns if not column.primary_key}
        assert {name: found[name] for name in mine} == mine, table.name
        assert {index["name"] for index in inspector.get_indexes(table.name)} >= {index.name for index in table.indexes}
    engines.dispose()


def test_migrating_twice_changes_nothing(database_url):
    engines = make_engines(database_url, 1, 5)
    migrations.upgrade(engines.write)
    assert migrations.current(engines.read) == migrations.head()
    engines.dispose()


def test_the_start_is_refused_with_the_command_when_the_schema_is_old(tmp_path):
    ini = {"sqlalchemy.url": f"sqlite:///{tmp_path}/new.sqlite", "artifact.storage_path": str(tmp_path / "files"), "auth.required": "false"}
    with pytest.raises(SystemExit) as refused:
        main(None, **ini)
    assert "migrate" in str(refused.value)
    assert "\n" not in str(refused.value)
    make_app({**ini, "artifactsvc.migrate": "true"}).registry["engines"].dispose()
    make_app(ini).registry["engines"].dispose()


def test_there_is_one_line_of_migrations():
    versions = Path(migrations.__file__).parent / "alembic" / "versions"
    assert len(list(versions.glob("0*.py"))) == int(migrations.head() or "0")
