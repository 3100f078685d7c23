-- Plans (E1 to E4) and performance pay (E5 to E7).

-- The plan of a unit for a month. Scores count what was frozen. Each superior freezes the items of the posts below
-- his own, so that nobody approves what he proposed himself; the day here is that of the latest such freezing.
CREATE TABLE plan (
    id            BIGINT PRIMARY KEY,             -- its items refer to it
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose plan
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- 2026-11
    frozen_on     TEXT   CHECK (length(frozen_on) = 10), -- nothing: still being proposed
    frozen_by     BIGINT REFERENCES official (id), -- the superior who froze last
    UNIQUE (unit, month)
);

-- That an official handed in a plan: whoever handed in none and has no item scores 0.
CREATE TABLE plan_submission (
    plan          BIGINT NOT NULL REFERENCES plan (id), -- which plan
    official      BIGINT NOT NULL REFERENCES official (id), -- who handed in
    submitted_on  TEXT   NOT NULL CHECK (length(submitted_on) = 10), -- the day
    PRIMARY KEY (plan, official)
);

CREATE TABLE plan_item (
    id            BIGINT PRIMARY KEY,             -- for life; a deferred one continues as another
    plan          BIGINT NOT NULL REFERENCES plan (id), -- of which unit and month
    number        TEXT   UNIQUE,                  -- 攸预〔2026〕12-0418号, given when the plan is frozen
    goal          TEXT   NOT NULL,                -- what will be true when it is done
    standard      TEXT   NOT NULL,                -- by what one sees it
    owner         BIGINT NOT NULL REFERENCES official (id), -- whose it is, and whose score
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post it is owed in
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10), -- until when it is to be done
    weight        BIGINT NOT NULL CHECK (weight BETWEEN 1 AND 100), -- what it counts in the score
    source        TEXT   NOT NULL CHECK (source IN ('own', 'arranged', 'petition', 'duty')), -- why it is in the plan
    petition      BIGINT REFERENCES petition (id), -- its closing proposes the cancellation
    duty          TEXT,                           -- B2: entries of the owner are progress on it
    target        BIGINT CHECK (target > 0),      -- how many, where that is the goal
    serves        BIGINT REFERENCES plan_item (id), -- an item of the level above
    continues     BIGINT REFERENCES plan_item (id), -- 顺延: the item of an earlier month that was deferred to this one
    added         BIGINT NOT NULL CHECK (added IN (0, 1)), -- after freezing; shown apart
    proposed_by   BIGINT NOT NULL REFERENCES official (id), -- the owner, or the superior
    frozen_on     TEXT   CHECK (length(frozen_on) = 10), -- by the superior of its post; nothing: the plan's own day, if it has a number
    frozen_by     BIGINT REFERENCES official (id), -- the superior who froze it
    version       BIGINT NOT NULL                 -- raised by every act; a form made for an older one is stale
);
CREATE INDEX plan_item_plan ON plan_item (plan, id);
CREATE INDEX plan_item_owner ON plan_item (owner, due_on);
CREATE INDEX plan_item_petition ON plan_item (petition);

-- 退改: before freezing the superior sends a proposal back. It holds while the item has that version: mending it
-- makes the next. What stays sent back is not frozen.
CREATE TABLE proposal_return (
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- which proposal
    version       BIGINT NOT NULL,                -- of the item; mending it makes the next
    reason        TEXT   NOT NULL,                -- what is to be mended
    returned_on   TEXT   NOT NULL CHECK (length(returned_on) = 10), -- the day
    returned_by   BIGINT NOT NULL REFERENCES official (id), -- the superior
    PRIMARY KEY (item, version)
);

-- What a proposal said before somebody changed it; nothing of a frozen item is ever changed.
CREATE TABLE plan_revision (
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- which proposal
    version       BIGINT NOT NULL,                -- the version that it replaced
    was           TEXT   NOT NULL,                -- in words
    revised_on    TEXT   NOT NULL CHECK (length(revised_on) = 10), -- the day
    revised_by    BIGINT NOT NULL REFERENCES official (id), -- who changed it
    PRIMARY KEY (item, version)
);

-- 述职: the owner says that it is done, and on which day. A return asks for another account.
CREATE TABLE plan_account (
    id            BIGINT PRIMARY KEY,             -- returns and cancellations refer to it
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- which item
    done_on       TEXT   NOT NULL CHECK (length(done_on) = 10), -- when it was done, as the owner says
    content       TEXT   NOT NULL,                -- what was done
    proposed      BIGINT NOT NULL CHECK (proposed IN (0, 1)), -- made by the closing of its case
    given_on      TEXT   NOT NULL CHECK (length(given_on) = 10), -- the day of giving account
    given_by      BIGINT NOT NULL REFERENCES official (id) -- the owner
);
CREATE INDEX plan_account_item ON plan_account (item, id);

-- 退回: the superior does not accept the account of that id.
CREATE TABLE plan_return (
    account       BIGINT PRIMARY KEY REFERENCES plan_account (id), -- which account
    reason        TEXT   NOT NULL,                -- what is missing
    returned_on   TEXT   NOT NULL CHECK (length(returned_on) = 10), -- the day
    returned_by   BIGINT NOT NULL REFERENCES official (id) -- the superior
);

-- 销号: by the superior, never by the owner. A reversal keeps it and its day.
CREATE TABLE cancellation (
    id            BIGINT PRIMARY KEY,             -- a reversal refers to it
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- which item
    account       BIGINT NOT NULL REFERENCES plan_account (id), -- the account that was accepted
    done_on       TEXT   NOT NULL CHECK (length(done_on) = 10), -- the day accepted
    cancelled_on  TEXT   NOT NULL CHECK (length(cancelled_on) = 10), -- until the cut-off it counts
    cancelled_by  BIGINT NOT NULL REFERENCES official (id) -- the superior, never the owner
);
CREATE INDEX cancellation_item ON cancellation (item, id);

CREATE TABLE cancellation_reversal (
    cancellation  BIGINT PRIMARY KEY REFERENCES cancellation (id), -- which one; the item is open again
    reason        TEXT   NOT NULL,                -- what turned out
    reversed_on   TEXT   NOT NULL CHECK (length(reversed_on) = 10), -- the day
    reversed_by   BIGINT NOT NULL REFERENCES official (id) -- the superior
);

-- 撤销 or 顺延 with the superior's consent: the item does not count in its month.
CREATE TABLE plan_relief (
    item          BIGINT PRIMARY KEY REFERENCES plan_item (id), -- which item
    kind          TEXT   NOT NULL CHECK (kind IN ('withdrawn', 'deferred')), -- given up, or put off
    deferred_to   TEXT   CHECK (length(deferred_to) = 10), -- the new due day, in a later month
    reason        TEXT   NOT NULL,                -- why
    consented_on  TEXT   NOT NULL CHECK (length(consented_on) = 10), -- the day
    consented_by  BIGINT NOT NULL REFERENCES official (id) -- the superior
);

-- The document that allows performance pay; without one in force nothing is approved (公务员法 79, 80, 84).
CREATE TABLE authorising_document (
    id            BIGINT PRIMARY KEY,             -- runs refer to it
    number        TEXT   NOT NULL UNIQUE,         -- as printed: 攸委〔2010〕5号
    title         TEXT   NOT NULL,                -- in full
    issuer        TEXT   NOT NULL,                -- whose document
    holds_from    TEXT   NOT NULL CHECK (length(holds_from) = 10), -- months before it are not approved
    holds_to      TEXT   CHECK (length(holds_to) = 10), -- the last day on which it holds; nothing: until another says so
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- personnel
);

-- The monthly allowance of an official, for classes whose stake is a share of it.
CREATE TABLE allowance (
    official      BIGINT NOT NULL REFERENCES official (id), -- whose
    holds_from    TEXT   NOT NULL CHECK (length(holds_from) = 10), -- first day; until the next row
    fen           BIGINT NOT NULL CHECK (fen >= 0), -- a month
    PRIMARY KEY (official, holds_from)
);

-- A settlement of one unit and month. What it keeps is enough to settle it again to the same fen. The run of the
-- county's own unit also settles the classes that form one group over the whole county.
CREATE TABLE pay_run (
    id            BIGINT PRIMARY KEY,             -- its shares refer to it
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose pay
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- 2026-11
    attempt       BIGINT NOT NULL CHECK (attempt >= 1), -- 1, 2, 3 … of this unit and month; the last one counts
    policy        TEXT   NOT NULL,                -- the values that held, as JSON
    document      BIGINT REFERENCES authorising_document (id), -- on what it rests; chosen when it is submitted
    settled_at    BIGINT NOT NULL,                -- the instant of settling
    settled_by    BIGINT NOT NULL REFERENCES official (id), -- personnel; approves nothing of it
    submitted_on  TEXT   CHECK (length(submitted_on) = 10), -- handed over for approval
    submitted_by  BIGINT REFERENCES official (id), -- who handed it over
    replaced_by   BIGINT REFERENCES pay_run (id), -- settled again before it was approved
    version       BIGINT NOT NULL,                -- raised by every act; a form made for an older one is stale
    UNIQUE (unit, month, attempt)
);
CREATE INDEX pay_run_month ON pay_run (month, id);

CREATE TABLE pay_share (
    run           BIGINT NOT NULL REFERENCES pay_run (id), -- of which settlement
    official      BIGINT NOT NULL REFERENCES official (id), -- whose share
    class         TEXT   NOT NULL,                -- whose group it is settled in
    stake_fen     BIGINT NOT NULL,                -- what was staked
    score_bp      BIGINT CHECK (score_bp BETWEEN 0 AND 10000), -- nothing: not scored, the stake is returned
    rank          BIGINT,                         -- 评议排序, where the group has one
    share_fen     BIGINT,                         -- nothing: undecided or infeasible
    state         TEXT   NOT NULL CHECK (state IN ('settled', 'returned', 'forfeited', 'undecided', 'infeasible')), -- what became of the stake
    explanation   TEXT   NOT NULL,                -- stake, items, credits, ideal share, stretch, rounding: JSON
    PRIMARY KEY (run, official, class)            -- who changes class within the month has a share in each
);
CREATE INDEX pay_share_official ON pay_share (official, run);

-- 评议排序 of a group whose scores do not tell its members apart: the whole group or nobody. A later one replaces it,
-- the chain keeps both.
CREATE TABLE pay_ranking (
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose ranking
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- of which month
    class         TEXT   NOT NULL,                -- of which group
    official      BIGINT NOT NULL REFERENCES official (id), -- who is ranked
    rank          BIGINT NOT NULL CHECK (rank >= 1), -- 1 is the first
    recorded_by   BIGINT NOT NULL REFERENCES official (id), -- the unit's head
    PRIMARY KEY (unit, month, class, official)
);

-- Two keys: two different officials, neither of them the one who settled it.
CREATE TABLE pay_approval (
    run           BIGINT NOT NULL REFERENCES pay_run (id), -- what is approved
    position      BIGINT NOT NULL CHECK (position IN (1, 2)), -- first or second key
    approved_by   BIGINT NOT NULL REFERENCES official (id), -- whose key
    approved_on   TEXT   NOT NULL CHECK (length(approved_on) = 10), -- the day
    PRIMARY KEY (run, position),
    UNIQUE (run, approved_by)
);
