-- How a petition ends otherwise than by an opinion, and what follows an answer (C5): arts. 32 and 33.

-- 调解、和解协议 (art. 33): reached with the consent of both parties; it stands in the place of an opinion.
CREATE TABLE settlement (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- what it settles; once each
    manner        TEXT   NOT NULL CHECK (manner IN ('mediated', 'reconciled')), -- 调解 by the unit, or 和解 between the parties
    parties       TEXT   NOT NULL,                -- both sides, by name
    facts         TEXT   NOT NULL,                -- what the dispute was
    terms         TEXT   NOT NULL,                -- what was agreed
    performance   TEXT   NOT NULL,                -- how it is carried out
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10), -- the last day for that
    agreed_on     TEXT   NOT NULL CHECK (length(agreed_on) = 10), -- the day on which both signed
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- who handled it; does not close it
);

-- The petitioner took the petition back, by signature or with the code. 息访 is no withdrawal.
CREATE TABLE withdrawal (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- once each
    reason        TEXT   NOT NULL,                -- in the petitioner's words
    withdrawn_on  TEXT   NOT NULL CHECK (length(withdrawn_on) = 10), -- from this day nothing is owed any more
    recorded_by   BIGINT REFERENCES official (id) -- nobody: withdrawn with the code
);

-- What was supported or agreed is carried out under supervision (art. 32) and shown until it is done.
CREATE TABLE execution (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- whose answer
    since         TEXT   NOT NULL CHECK (length(since) = 10), -- the day of the answer
    due_on        TEXT   CHECK (length(due_on) = 10), -- the day that an agreement sets; nothing: an opinion sets none
    done_on       TEXT   CHECK (length(done_on) = 10) -- the day on which the unit reported it done
);
CREATE INDEX execution_open ON execution (petition) WHERE done_on IS NULL;

-- What the unit reported of it.
CREATE TABLE execution_report (
    id            BIGINT PRIMARY KEY,             -- in the order of reporting
    petition      BIGINT NOT NULL REFERENCES execution (petition), -- of which answer
    content       TEXT   NOT NULL,                -- what was carried out
    is_done       BIGINT NOT NULL CHECK (is_done IN (0, 1)), -- 1: nothing is left to do
    reported_on   TEXT   NOT NULL CHECK (length(reported_on) = 10), -- the day
    reported_by   BIGINT NOT NULL REFERENCES official (id) -- an official of the unit that answered
);
CREATE INDEX execution_report_petition ON execution_report (petition);
