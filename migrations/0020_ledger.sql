-- The ledger (C6, C11, G6, G7): numbers of the national system, what came in from a sheet, saved filters, threads.

-- The number that a matter has in 国家信访信息系统 (art. 21): this program is no second register beside it.
CREATE TABLE state_number (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- one each; a correction is in the chain
    number        TEXT   NOT NULL UNIQUE,         -- in ordinary width and capitals
    recorded_at   BIGINT NOT NULL,                -- the instant
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- the petition officer
);

-- A matter that was handled before it came here: its days are those of the sheet, its number is ours. The row stays
-- when its personal data are erased, so that the old file brings nothing back.
CREATE TABLE petition_origin (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- brought in once
    run           BIGINT NOT NULL,                -- id of import_run, which is written after it
    row_key       BYTEA  NOT NULL UNIQUE,         -- HMAC-SM3 of channel, time, name, place and content: the row again
    brought_at    BIGINT NOT NULL,                -- the instant
    brought_by    BIGINT NOT NULL REFERENCES official (id) -- who answers for it that the sheet is right
);

-- A filter of the ledger that somebody keeps under a name (常用条件).
CREATE TABLE ledger_filter (
    id            BIGINT PRIMARY KEY,             -- no meaning of its own
    official      BIGINT NOT NULL REFERENCES official (id), -- whose it is
    unit          BIGINT REFERENCES unit (id),    -- whose officials have it too; nothing: nobody else
    name          TEXT   NOT NULL,                -- as its owner calls it
    query         TEXT   NOT NULL,                -- the ledger's address without the words searched for
    columns       TEXT   NOT NULL,                -- of sheet and print, with commas between; empty: the usual ones
    UNIQUE (official, name)
);
CREATE INDEX ledger_filter_unit ON ledger_filter (unit) WHERE unit IS NOT NULL;

-- Petitions that are one matter (同一事项): linked by a person, taken apart by a person; both are in the chain. Which of
-- them was first and which repeats is derived.
CREATE TABLE thread_member (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- of one thread at most
    thread        BIGINT NOT NULL,                -- the same for all of one matter; no meaning of its own
    linked_at     BIGINT NOT NULL,                -- the instant
    linked_by     BIGINT NOT NULL REFERENCES official (id) -- who saw that they are one
);
CREATE INDEX thread_member_thread ON thread_member (thread);

-- What petitions tell, as pairs of neighbouring characters: part of a word is found by it on either database. The names
-- of the petitioners are left out, so that who sees them masked does not find by them. No reference to petition: it
-- would be looked up once a pair, and the rows go with the text when it is erased.
CREATE TABLE petition_pair (
    pair          TEXT   NOT NULL,                -- two characters, letters in lower case
    petition      BIGINT NOT NULL,                -- whose title, content or place has them
    PRIMARY KEY (pair, petition)
);
-- Petitions whose pairs are not written yet: it is done beside the requests, within a second.
CREATE TABLE petition_unpaired (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id) -- until it is done
);
INSERT INTO petition_unpaired (petition) SELECT id FROM petition;
