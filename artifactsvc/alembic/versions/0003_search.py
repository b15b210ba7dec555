"""The index of the search: which results hold which three characters in a row (docs/adr/0006-search.md).

Triggers note which results changed, in `search_pending`; the indexer (artifactsvc/services/search_index.py) does the rest when
there is time. Existing results are noted here, and are indexed after the start. No extension of PostgreSQL is needed.
"""
from alembic import op

revision = "0003"
down_revision = "0002"

POSTGRESQL = """
CREATE TABLE search_documents (
    id BIGINT PRIMARY KEY,
    result_id UUID NOT NULL UNIQUE REFERENCES test_case_results(id) ON DELETE CASCADE,
    trigrams INTEGER[] NOT NULL
);
-- no statistics: the planner would read the arrays one by one where the words are frequent
ALTER TABLE search_documents ALTER COLUMN trigrams SET STATISTICS 0;
CREATE INDEX idx_search_documents_trigrams ON search_documents USING gin (trigrams);
CREATE TABLE search_pending (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    result_id UUID NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp()
);
CREATE FUNCTION search_note_result() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO search_pending (result_id) VALUES (NEW.id); RETURN NULL; END $$;
CREATE FUNCTION search_note_steps() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO search_pending (result_id) SELECT DISTINCT test_case_result_id FROM changed; RETURN NULL; END $$;
CREATE FUNCTION search_note_step() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO search_pending (result_id) VALUES (NEW.test_case_result_id); RETURN NULL; END $$;
CREATE TRIGGER search_result AFTER INSERT OR UPDATE OF name, full_name, suite, error_type, error_message ON test_case_results
    FOR EACH ROW EXECUTE FUNCTION search_note_result();
CREATE TRIGGER search_steps AFTER INSERT ON test_step_results
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION search_note_steps();
CREATE TRIGGER search_step AFTER UPDATE OF {fields} ON test_step_results
    FOR EACH ROW EXECUTE FUNCTION search_note_step();
INSERT INTO search_pending (result_id) SELECT id FROM test_case_results ORDER BY created_at, id;
"""

SQLITE = (
    """CREATE TABLE search_documents (
        id INTEGER PRIMARY KEY,
        result_id CHAR(36) NOT NULL UNIQUE REFERENCES test_case_results(id) ON DELETE CASCADE
    )""",
    "CREATE VIRTUAL TABLE search_trigrams USING fts5(body, content='', tokenize='trigram', detail=none, columnsize=0)",
    "CREATE TABLE search_pending (id INTEGER PRIMARY KEY, result_id CHAR(36) NOT NULL UNIQUE, since TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    """CREATE TRIGGER search_result AFTER INSERT ON test_case_results
        BEGIN INSERT OR IGNORE INTO search_pending (result_id) VALUES (NEW.id); END""",
    """CREATE TRIGGER search_result_changed AFTER UPDATE OF name, full_name, suite, error_type, error_message ON test_case_results
        BEGIN INSERT OR IGNORE INTO search_pending (result_id) VALUES (NEW.id); END""",
    """CREATE TRIGGER search_steps AFTER INSERT ON test_step_results
        WHEN NOT EXISTS (SELECT 1 FROM search_pending WHERE result_id = NEW.test_case_result_id)
        BEGIN INSERT OR IGNORE INTO search_pending (result_id) VALUES (NEW.test_case_result_id); END""",
    """CREATE TRIGGER search_step AFTER UPDATE OF {fields} ON test_step_results
        BEGIN INSERT OR IGNORE INTO search_pending (result_id) VALUES (NEW.test_case_result_id); END""",
    "INSERT INTO search_pending (result_id) SELECT id FROM test_case_results ORDER BY created_at, id",
)
FIELDS = "action, description, element_selector, element_name, error_type, error_message, stack_trace"


def upgrade() -> None:
    connection = op.get_bind()
    statements = (POSTGRESQL,) if connection.dialect.name == "postgresql" else SQLITE
    for statement in statements:
        connection.exec_driver_sql(statement.replace("{fields}", FIELDS))
