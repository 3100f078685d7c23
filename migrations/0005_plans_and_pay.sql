-- Plans (E1 to E4) and performance pay (E5 to E7).

-- The plan of a unit for a month. Scores count what was frozen. Each superior freezes the items of the posts below
-- his own, so that nobody approves what he proposed himself; the day here is that of the latest such freezing.
CREATE TABLE plan (
    id            BIGINT PRIMARY KEY,
    unit          BIGINT NOT NULL REFERENCES unit (id),
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- 2026-11
    frozen_on     TEXT   CHECK (length(frozen_on) = 10),
    frozen_by     BIGINT REFERENCES official (id),
    UNIQUE (unit, month)
);

-- That an official handed in a plan: whoever handed in none and has no item scores 0.
CREATE TABLE plan_submission (
    plan          BIGINT NOT NULL REFERENCES plan (id),
    official      BIGINT NOT NULL REFERENCES official (id),
    submitted_on  TEXT   NOT NULL CHECK (length(submitted_on) = 10),
    PRIMARY KEY (plan, official)
);

CREATE TABLE plan_item (
    id            BIGINT PRIMARY KEY,
    plan          BIGINT NOT NULL REFERENCES plan (id),
    number        TEXT   UNIQUE,                  -- 攸预〔2026〕12-0418号, given when the plan is frozen
    goal          TEXT   NOT NULL,                -- what will be true when it is done
    standard      TEXT   NOT NULL,                -- by what one sees it
    owner         BIGINT NOT NULL REFERENCES official (id),
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post it is owed in
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10),
    weight        BIGINT NOT NULL CHECK (weight BETWEEN 1 AND 100),
    source        TEXT   NOT NULL CHECK (source IN ('own', 'arranged', 'petition', 'duty')),
    petition      BIGINT REFERENCES petition (id), -- its closing proposes the cancellation
    duty          TEXT,                           -- B2: entries of the owner are progress on it
    target        BIGINT CHECK (target > 0),      -- how many, where that is the goal
    serves        BIGINT REFERENCES plan_item (id), -- an item of the level above
    continues     BIGINT REFERENCES plan_item (id), -- 顺延: the item of an earlier month that was deferred to this one
    added         BIGINT NOT NULL CHECK (added IN (0, 1)), -- after freezing; shown apart
    proposed_by   BIGINT NOT NULL REFERENCES official (id),
    frozen_on     TEXT   CHECK (length(frozen_on) = 10), -- by the superior of its post; nothing: the plan's own day, if it has a number
    frozen_by     BIGINT REFERENCES official (id),
    version       BIGINT NOT NULL                 -- raised by every act; a form made for an older one is stale
);
CREATE INDEX plan_item_plan ON plan_item (plan, id);
CREATE INDEX plan_item_owner ON plan_item (owner, due_on);
CREATE INDEX plan_item_petition ON plan_item (petition);

-- 退改: before freezing the superior sends a proposal back. It holds while the item has that version: mending it
-- makes the next. What stays sent back is not frozen.
CREATE TABLE proposal_return (
    item          BIGINT NOT NULL REFERENCES plan_item (id),
    version       BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    returned_on   TEXT   NOT NULL CHECK (length(returned_on) = 10),
    returned_by   BIGINT NOT NULL REFERENCES official (id),
    PRIMARY KEY (item, version)
);

-- What a proposal said before somebody changed it; nothing of a frozen item is ever changed.
CREATE TABLE plan_revision (
    item          BIGINT NOT NULL REFERENCES plan_item (id),
    version       BIGINT NOT NULL,                -- the version that it replaced
    was           TEXT   NOT NULL,                -- in words
    revised_on    TEXT   NOT NULL CHECK (length(revised_on) = 10),
    revised_by    BIGINT NOT NULL REFERENCES official (id),
    PRIMARY KEY (item, version)
);

-- 述职: the owner says that it is done, and on which day. A return asks for another account.
CREATE TABLE plan_account (
    id            BIGINT PRIMARY KEY,
    item          BIGINT NOT NULL REFERENCES plan_item (id),
    done_on       TEXT   NOT NULL CHECK (length(done_on) = 10),
    content       TEXT   NOT NULL,
    proposed      BIGINT NOT NULL CHECK (proposed IN (0, 1)), -- made by the closing of its case
    given_on      TEXT   NOT NULL CHECK (length(given_on) = 10),
    given_by      BIGINT NOT NULL REFERENCES official (id)
);
CREATE INDEX plan_account_item ON plan_account (item, id);

-- 退回: the superior does not accept the account of that id.
CREATE TABLE plan_return (
    account       BIGINT PRIMARY KEY REFERENCES plan_account (id),
    reason        TEXT   NOT NULL,
    returned_on   TEXT   NOT NULL CHECK (length(returned_on) = 10),
    returned_by   BIGINT NOT NULL REFERENCES official (id)
);

-- 销号: by the superior, never by the owner. A reversal keeps it and its day.
CREATE TABLE cancellation (
    id            BIGINT PRIMARY KEY,
    item          BIGINT NOT NULL REFERENCES plan_item (id),
    account       BIGINT NOT NULL REFERENCES plan_account (id),
    done_on       TEXT   NOT NULL CHECK (length(done_on) = 10), -- the day accepted
    cancelled_on  TEXT   NOT NULL CHECK (length(cancelled_on) = 10),
    cancelled_by  BIGINT NOT NULL REFERENCES official (id)
);
CREATE INDEX cancellation_item ON cancellation (item, id);

CREATE TABLE cancellation_reversal (
    cancellation  BIGINT PRIMARY KEY REFERENCES cancellation (id),
    reason        TEXT   NOT NULL,
    reversed_on   TEXT   NOT NULL CHECK (length(reversed_on) = 10),
    reversed_by   BIGINT NOT NULL REFERENCES official (id)
);

-- 撤销 or 顺延 with the superior's consent: the item does not count in its month.
CREATE TABLE plan_relief (
    item          BIGINT PRIMARY KEY REFERENCES plan_item (id),
    kind          TEXT   NOT NULL CHECK (kind IN ('withdrawn', 'deferred')),
    deferred_to   TEXT   CHECK (length(deferred_to) = 10),
    reason        TEXT   NOT NULL,
    consented_on  TEXT   NOT NULL CHECK (length(consented_on) = 10),
    consented_by  BIGINT NOT NULL REFERENCES official (id)
);

-- The document that allows performance pay; without one in force nothing is approved (公务员法 79, 80, 84).
CREATE TABLE authorising_document (
    id            BIGINT PRIMARY KEY,
    number        TEXT   NOT NULL UNIQUE,
    title         TEXT   NOT NULL,
    issuer        TEXT   NOT NULL,
    holds_from    TEXT   NOT NULL CHECK (length(holds_from) = 10),
    holds_to      TEXT   CHECK (length(holds_to) = 10), -- the last day on which it holds; nothing: until another says so
    recorded_by   BIGINT NOT NULL REFERENCES official (id)
);

-- The monthly allowance of an official, for classes whose stake is a share of it.
CREATE TABLE allowance (
    official      BIGINT NOT NULL REFERENCES official (id),
    holds_from    TEXT   NOT NULL CHECK (length(holds_from) = 10),
    fen           BIGINT NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (official, holds_from)
);

-- A settlement of one unit and month. What it keeps is enough to settle it again to the same fen. The run of the
-- county's own unit also settles the classes that form one group over the whole county.
CREATE TABLE pay_run (
    id            BIGINT PRIMARY KEY,
    unit          BIGINT NOT NULL REFERENCES unit (id),
    month         TEXT   NOT NULL CHECK (length(month) = 7),
    attempt       BIGINT NOT NULL CHECK (attempt >= 1), -- 1, 2, 3 … of this unit and month; the last one counts
    policy        TEXT   NOT NULL,                -- the values that held, as JSON
    document      BIGINT REFERENCES authorising_document (id),
    settled_at    BIGINT NOT NULL,
    settled_by    BIGINT NOT NULL REFERENCES official (id),
    submitted_on  TEXT   CHECK (length(submitted_on) = 10),
    submitted_by  BIGINT REFERENCES official (id),
    replaced_by   BIGINT REFERENCES pay_run (id), -- settled again before it was approved
    version       BIGINT NOT NULL,                -- raised by every act; a form made for an older one is stale
    UNIQUE (unit, month, attempt)
);
CREATE INDEX pay_run_month ON pay_run (month, id);

CREATE TABLE pay_share (
    run           BIGINT NOT NULL REFERENCES pay_run (id),
    official      BIGINT NOT NULL REFERENCES official (id),
    class         TEXT   NOT NULL,
    stake_fen     BIGINT NOT NULL,
    score_bp      BIGINT CHECK (score_bp BETWEEN 0 AND 10000), -- nothing: not scored, the stake is returned
    rank          BIGINT,                         -- 评议排序, where the group has one
    share_fen     BIGINT,                         -- nothing: undecided or infeasible
    state         TEXT   NOT NULL CHECK (state IN ('settled', 'returned', 'forfeited', 'undecided', 'infeasible')),
    explanation   TEXT   NOT NULL,                -- stake, items, credits, ideal share, stretch, rounding: JSON
    PRIMARY KEY (run, official, class)            -- who changes class within the month has a share in each
);
CREATE INDEX pay_share_official ON pay_share (official, run);

-- 评议排序 of a group whose scores do not tell its members apart: the whole group or nobody. A later one replaces it,
-- the chain keeps both.
CREATE TABLE pay_ranking (
    unit          BIGINT NOT NULL REFERENCES unit (id),
    month         TEXT   NOT NULL CHECK (length(month) = 7),
    class         TEXT   NOT NULL,
    official      BIGINT NOT NULL REFERENCES official (id),
    rank          BIGINT NOT NULL CHECK (rank >= 1),
    recorded_by   BIGINT NOT NULL REFERENCES official (id),
    PRIMARY KEY (unit, month, class, official)
);

-- Two keys: two different officials, neither of them the one who settled it.
CREATE TABLE pay_approval (
    run           BIGINT NOT NULL REFERENCES pay_run (id),
    position      BIGINT NOT NULL CHECK (position IN (1, 2)),
    approved_by   BIGINT NOT NULL REFERENCES official (id),
    approved_on   TEXT   NOT NULL CHECK (length(approved_on) = 10),
    PRIMARY KEY (run, position),
    UNIQUE (run, approved_by)
);
