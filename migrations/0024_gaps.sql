-- What a petition office needs beside the course of a case.

-- 送达转送告知书、不予受理告知书: what went to another organ, told to the petitioner in writing (arts. 22, 30, 31).
CREATE TABLE forwarding_service (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- what was sent on
    served_on     TEXT   NOT NULL CHECK (length(served_on) = 10), -- the day it reached them
    manner        TEXT   NOT NULL CHECK (manner IN ('in_person', 'post', 'online', 'left')), -- how it reached them
    signed_by     TEXT   NOT NULL,                -- who signed for it; '' where nobody did
    recorded_by   BIGINT NOT NULL REFERENCES official (id), -- who says so
    recorded_at   BIGINT NOT NULL                 -- when that was written down, ms
);

-- 报请、报告: what is serious or urgent, brought before those above in writing (arts. 22, 25).
CREATE TABLE submission (
    id            BIGINT PRIMARY KEY,             -- in the order of sending
    petition      BIGINT NOT NULL REFERENCES petition (id), -- on which matter
    number        TEXT   NOT NULL UNIQUE,         -- 攸信报〔2026〕1号
    ground        TEXT   NOT NULL CHECK (ground IN ('decision', 'urgent')), -- 报请决定 (art. 22) or 紧急报告 (art. 25)
    organ         TEXT   NOT NULL,                -- before whom, in full
    subject       TEXT   NOT NULL,                -- what about, in one line
    content       TEXT   NOT NULL,                -- the situation and what is proposed
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose paper it is
    sent_on       TEXT   NOT NULL CHECK (length(sent_on) = 10), -- the day it went up
    sent_by       BIGINT NOT NULL REFERENCES official (id), -- who sent it
    decided_on    TEXT   CHECK (length(decided_on) = 10), -- the day of what was decided; nothing: not known yet
    decision      TEXT   NOT NULL DEFAULT '',     -- by whom and what, for the house alone
    recorded_by   BIGINT REFERENCES official (id) -- who wrote that down
);
CREATE INDEX submission_petition ON submission (petition);
CREATE INDEX submission_open ON submission (petition) WHERE ground = 'decision' AND decided_on IS NULL;

-- The entry that a letter of inquiry (代访) is for its writer: what was done is written once.
CREATE TABLE inquiry_entry (
    inquiry       BIGINT PRIMARY KEY REFERENCES inquiry (id), -- the letter
    entry         BIGINT NOT NULL UNIQUE REFERENCES entry (id) -- the step on the case; the card shows the letter in its place
);

-- 成因: what the petition office holds to be at the root of a matter; corrected on record.
CREATE TABLE petition_cause (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- of which matter
    cause         TEXT   NOT NULL,                -- word of petitions::rules::Cause
    recorded_on   TEXT   NOT NULL CHECK (length(recorded_on) = 10), -- the day
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- who holds it to be so
);

-- 联系不上: name or address lead to nobody, so that nobody can be told in writing (art. 23).
CREATE TABLE unreachable (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- whose petitioner
    reason        TEXT   NOT NULL,                -- which ways were tried, and when
    found_on      TEXT   NOT NULL CHECK (length(found_on) = 10), -- the day
    found_by      BIGINT NOT NULL REFERENCES official (id) -- who found it so, and does not close the matter on it
);
