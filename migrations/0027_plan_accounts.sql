-- 销号台账 in one's own order, and the written accounts (述职报告) of a month or a quarter (E3, E4, B6).

-- In which order somebody has the ledger of plans stand.
CREATE TABLE plan_ledger_order (
    official      BIGINT PRIMARY KEY REFERENCES official (id), -- whose
    sorted_by     TEXT   NOT NULL                 -- a word of the ledger's address
);

-- 述职报告 of a month or a quarter. What it tells of items, visits and cases is read from their records; here stands
-- only whose it is and of when.
CREATE TABLE statement (
    id            BIGINT PRIMARY KEY,             -- its words and the comment refer to it
    official      BIGINT NOT NULL REFERENCES official (id), -- whose
    period        TEXT   NOT NULL CHECK (length(period) = 7), -- 2026-11 or 2026-Q4
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post that it is given in; who stands above it comments
    UNIQUE (official, period)
);
CREATE INDEX statement_appointment ON statement (appointment, period);

-- The person's own words. Each writing is a version and stays; handing one in signs it, with what the records said then.
CREATE TABLE statement_words (
    statement     BIGINT NOT NULL REFERENCES statement (id), -- of which account
    version       BIGINT NOT NULL,                -- 1, 2, 3 …
    content       TEXT   NOT NULL,                -- may be empty: the records speak for themselves
    written_on    TEXT   NOT NULL CHECK (length(written_on) = 10), -- the day
    written_by    BIGINT NOT NULL REFERENCES official (id), -- the person
    handed_in_on  TEXT   CHECK (length(handed_in_on) = 10), -- nothing: a draft that its writer alone sees
    due           BIGINT,                         -- items due, as they stood at the handing in
    cancelled     BIGINT,                         -- of these, cancelled then
    on_time       BIGINT,                         -- of these, on time
    PRIMARY KEY (statement, version)
);

-- 点评: what the superior says of it, once.
CREATE TABLE statement_comment (
    statement     BIGINT PRIMARY KEY REFERENCES statement (id), -- of which account
    version       BIGINT NOT NULL,                -- the version that was handed in and read
    content       TEXT   NOT NULL,                -- the comment
    commented_on  TEXT   NOT NULL CHECK (length(commented_on) = 10), -- the day
    commented_by  BIGINT NOT NULL REFERENCES official (id) -- the superior, never the person
);
