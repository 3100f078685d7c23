-- Imports (G7): what was brought in from a spreadsheet, by whom, and what was refused.

CREATE TABLE import_run (
    id            BIGINT PRIMARY KEY,             -- for the chain
    kind          TEXT   NOT NULL,                -- what was imported: a word of imports::Kind
    file_name     TEXT   NOT NULL,                -- as it was sent
    file_hash     BYTEA  NOT NULL,                -- SM3 of the file
    added         BIGINT NOT NULL,                -- rows that were new
    changed       BIGINT NOT NULL,                -- rows that said something else than the county had
    same          BIGINT NOT NULL,                -- stood in the county already, and just so
    refused       BIGINT NOT NULL,                -- rows that went back
    taken         BIGINT NOT NULL CHECK (taken IN (0, 1)), -- 0: nothing was taken, because rows were refused
    numeric_columns TEXT NOT NULL,                -- columns in which Excel kept numbers: their leading zeros may be gone
    run_at        BIGINT NOT NULL,                -- the instant
    run_by        BIGINT REFERENCES official (id) -- nobody: from the command line
);

-- The refused rows with their reasons, in the format of the file that they came in. It holds personal data: the next
-- import of the same kind removes it, and so does the day after.
CREATE TABLE import_refusal (
    run           BIGINT PRIMARY KEY REFERENCES import_run (id), -- of which import
    format        TEXT   NOT NULL CHECK (format IN ('csv', 'xlsx')), -- what content is
    content       BYTEA  NOT NULL                 -- the file, with a last column of reasons
);
