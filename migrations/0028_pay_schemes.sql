-- Schemes of performance pay (E5): the county's own dated values under the document that sets them, and the files of
-- documents.

-- 绩酬方案: values of the county's own (policy_value) that a document sets from the first day of a month. A later row of
-- the same day mends the earlier one.
CREATE TABLE pay_scheme (
    id            BIGINT PRIMARY KEY,             -- for the chain
    document      BIGINT NOT NULL REFERENCES authorising_document (id), -- which sets them
    holds_from    TEXT   NOT NULL CHECK (length(holds_from) = 10), -- first day of the first month
    recorded_on   TEXT   NOT NULL CHECK (length(recorded_on) = 10), -- the day
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- personnel
);
CREATE INDEX pay_scheme_from ON pay_scheme (holds_from, id);

-- Whose a file is that belongs to no petition. Its row in file keeps a ticket that nobody holds.
CREATE TABLE file_holder (
    file          BIGINT PRIMARY KEY REFERENCES file (id), -- which
    kind          TEXT   NOT NULL,                -- a word of files::HolderKind
    holder        BIGINT NOT NULL                 -- the record that it came with
);
CREATE INDEX file_holder_of ON file_holder (kind, holder, file);
