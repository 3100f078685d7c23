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

-- 复查 (art. 35) and 复核 (art. 36): a matter of its own, by the next higher unit, about an answer.
CREATE TABLE review (
    id            BIGINT PRIMARY KEY,             -- its own page
    petition      BIGINT NOT NULL REFERENCES petition (id), -- whose answer is reviewed
    stage         TEXT   NOT NULL CHECK (stage IN ('review', 're-review')), -- 复查, 复核; the second ends it
    round         BIGINT NOT NULL,                -- how many answers had been set aside before: a new answer can be reviewed anew
    number        TEXT   NOT NULL UNIQUE,         -- 攸复查〔2026〕0001号
    unit          BIGINT REFERENCES unit (id),    -- who reviews; nothing: an organ above the county
    organ         TEXT   NOT NULL,                -- its name in full
    reason        TEXT   NOT NULL,                -- why the petitioner does not accept the answer
    asked_on      TEXT   NOT NULL CHECK (length(asked_on) = 10), -- from this day its 30 days run
    recorded_by   BIGINT REFERENCES official (id), -- nobody: asked with the code
    version       BIGINT NOT NULL,                -- raised by every act; a form made for an older one is stale
    UNIQUE (petition, round, stage)
);
CREATE INDEX review_unit ON review (unit, id) WHERE unit IS NOT NULL;

-- 复查意见, 复核意见.
CREATE TABLE review_opinion (
    review        BIGINT PRIMARY KEY REFERENCES review (id), -- one each; it is not changed afterwards
    verdict       TEXT   NOT NULL CHECK (verdict IN ('upheld', 'changed', 'revoked', 'redo')), -- 维持, 变更, 撤销, 责令重新处理
    facts         TEXT   NOT NULL,                -- what was found
    basis         TEXT   NOT NULL,                -- the law or policy it rests on
    reply         TEXT   NOT NULL,                -- what is decided
    issued_on     TEXT   NOT NULL CHECK (length(issued_on) = 10), -- the date on the paper
    written_by    BIGINT NOT NULL REFERENCES official (id) -- nobody who handled the matter before
);

-- The opinion of a review reached the petitioner.
CREATE TABLE review_service (
    review        BIGINT PRIMARY KEY REFERENCES review (id), -- once each
    served_on     TEXT   NOT NULL CHECK (length(served_on) = 10), -- re-review can be asked for from then on
    manner        TEXT   NOT NULL CHECK (manner IN ('in_person', 'post', 'online', 'left')), -- how it reached them
    signed_by     TEXT   NOT NULL,                -- who signed for it; '' where nobody did
    recorded_by   BIGINT NOT NULL REFERENCES official (id), -- who says so
    recorded_at   BIGINT NOT NULL                 -- when it was written down, in milliseconds
);

-- An answer was set aside, and the matter is handled anew: because a review ordered it, or because it had been closed
-- wrongly. What stood before stays here.
CREATE TABLE reopening (
    id            BIGINT PRIMARY KEY,             -- what was served and said before it counts no more
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition
    reason        TEXT   NOT NULL,                -- why
    reopened_on   TEXT   NOT NULL CHECK (length(reopened_on) = 10), -- the day
    reopened_by   BIGINT NOT NULL REFERENCES official (id), -- who
    review        BIGINT REFERENCES review (id),  -- the review that ordered it
    outcome       TEXT   NOT NULL,                -- of the answer set aside: supported, explained, not_supported
    request       TEXT   NOT NULL,                -- its request,
    facts         TEXT   NOT NULL,                -- facts,
    basis         TEXT   NOT NULL,                -- basis
    reply         TEXT   NOT NULL,                -- and decision
    issued_on     TEXT   NOT NULL,                -- its date
    written_by    BIGINT NOT NULL REFERENCES official (id), -- its writer
    acknowledged_on TEXT,                         -- the day on which the petitioner confirmed it
    resolution    TEXT,                           -- what it had been closed as,
    closed_on     TEXT,                           -- when
    closed_by     BIGINT REFERENCES official (id) -- and by whom
);
CREATE INDEX reopening_petition ON reopening (petition);

-- 终结: whoever comes again with the same facts after the re-review was told so (art. 36).
CREATE TABLE explanation (
    id            BIGINT PRIMARY KEY,             -- in the order of telling
    petition      BIGINT NOT NULL REFERENCES petition (id), -- the ended matter
    content       TEXT   NOT NULL,                -- what was said
    explained_on  TEXT   NOT NULL CHECK (length(explained_on) = 10), -- the day
    explained_by  BIGINT NOT NULL REFERENCES official (id) -- at the window
);
CREATE INDEX explanation_petition ON explanation (petition);

-- 回访抽样: which of the petitions closed in a period are called back is drawn by the program, once for each period. Who
-- knows the seed can draw anew and gets the same.
CREATE TABLE call_back_draw (
    id            BIGINT PRIMARY KEY,             -- no meaning of its own
    period        TEXT   NOT NULL UNIQUE CHECK (length(period) = 7), -- the month whose closures it is of: 2026-10
    seed          TEXT   NOT NULL,                -- random, chosen by the program
    share_bp      BIGINT NOT NULL,                -- ten-thousandths that were drawn, by the value of the day
    population    BIGINT NOT NULL,                -- of how many
    drawn_on      TEXT   NOT NULL CHECK (length(drawn_on) = 10), -- the day
    drawn_by      BIGINT NOT NULL REFERENCES official (id) -- who asked for it
);

-- A petition that was drawn. It is open until somebody was reached.
CREATE TABLE call_back_sample (
    id            BIGINT PRIMARY KEY,             -- for its calls
    draw          BIGINT NOT NULL REFERENCES call_back_draw (id), -- by which draw
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition
    reached_on    TEXT   CHECK (length(reached_on) = 10), -- the day on which the petitioner was reached
    UNIQUE (draw, petition)
);
CREATE INDEX call_back_sample_open ON call_back_sample (id) WHERE reached_on IS NULL;
CREATE INDEX call_back_sample_petition ON call_back_sample (petition);

-- A call about what was drawn.
CREATE TABLE call_back_call (
    id            BIGINT PRIMARY KEY,             -- in the order of calling
    sample        BIGINT NOT NULL REFERENCES call_back_sample (id), -- about which
    called_on     TEXT   NOT NULL CHECK (length(called_on) = 10), -- the day
    result        TEXT   NOT NULL CHECK (result IN ('settled', 'unsettled', 'missed')), -- what they said: done, not done; or nobody answered
    content       TEXT   NOT NULL,                -- in their words
    called_by     BIGINT NOT NULL REFERENCES official (id) -- of another unit than the handler's
);
CREATE INDEX call_back_call_sample ON call_back_call (sample);
