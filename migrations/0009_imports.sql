-- Imports (G7): what was brought in from a spreadsheet, by whom, and what was refused.

CREATE TABLE import_run (
    id            BIGINT PRIMARY KEY,
    kind          TEXT   NOT NULL,                -- divisions, groups, units, posts, officials, households
    file_name     TEXT   NOT NULL,
    file_hash     BYTEA  NOT NULL,                -- SM3 of the file
    added         BIGINT NOT NULL,
    changed       BIGINT NOT NULL,
    same          BIGINT NOT NULL,                -- stood in the county already, and just so
    refused       BIGINT NOT NULL,
    taken         BIGINT NOT NULL CHECK (taken IN (0, 1)), -- 0: nothing was taken, because rows were refused
    numeric_columns TEXT NOT NULL,                -- columns in which Excel kept numbers: their leading zeros may be gone
    run_at        BIGINT NOT NULL,
    run_by        BIGINT REFERENCES official (id) -- nobody: from the command line
);

-- The refused rows with their reasons, in the format of the file that they came in. It holds personal data: the next
-- import of the same kind removes it, and so does the day after.
CREATE TABLE import_refusal (
    run           BIGINT PRIMARY KEY REFERENCES import_run (id),
    format        TEXT   NOT NULL CHECK (format IN ('csv', 'xlsx')),
    content       BYTEA  NOT NULL
);
