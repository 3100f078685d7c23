-- The cycle of plans beside 0005 (E2, E3): exceptions to a month that is locked, cancelling by two keys and by
-- delegation, spot checks, and the quarter's plan.

-- 解锁例外: one unit's month is open again for some days. The superior asks, two others grant; what is settled is not
-- touched by it, since a settlement keeps what it was made from.
CREATE TABLE plan_unlock (
    id            BIGINT PRIMARY KEY,             -- its keys and acts refer to it
    unit          BIGINT NOT NULL REFERENCES unit (id), -- for the plan of this unit alone
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- and of this month alone: 2026-11
    reason        TEXT   NOT NULL,                -- why
    until_on      TEXT   NOT NULL CHECK (length(until_on) = 10), -- the last day on which it is open
    asked_on      TEXT   NOT NULL CHECK (length(asked_on) = 10), -- the day
    asked_by      BIGINT NOT NULL REFERENCES official (id), -- the superior; grants nothing of it
    opened_on     TEXT   CHECK (length(opened_on) = 10) -- the day of the last key; nothing: not granted
);
CREATE INDEX plan_unlock_plan ON plan_unlock (unit, month, id);

-- Who granted it: different officials, none of them the one who asked.
CREATE TABLE plan_unlock_key (
    unlock        BIGINT NOT NULL REFERENCES plan_unlock (id), -- which exception
    position      BIGINT NOT NULL CHECK (position >= 1), -- first key, second key
    granted_by    BIGINT NOT NULL REFERENCES official (id), -- whose key
    granted_on    TEXT   NOT NULL CHECK (length(granted_on) = 10), -- the day
    PRIMARY KEY (unlock, position),
    UNIQUE (unlock, granted_by)
);

-- What was done to items of that plan while it was open: shown apart for ever.
CREATE TABLE plan_unlock_act (
    id            BIGINT PRIMARY KEY,             -- in the order of the acts
    unlock        BIGINT NOT NULL REFERENCES plan_unlock (id), -- under which exception
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- to which item
    kind          TEXT   NOT NULL,                -- the act, as the chain calls it: plan_item.cancelled
    acted_on      TEXT   NOT NULL CHECK (length(acted_on) = 10), -- the day
    acted_by      BIGINT NOT NULL REFERENCES official (id) -- who
);
CREATE INDEX plan_unlock_act_item ON plan_unlock_act (item);
CREATE INDEX plan_unlock_act_unlock ON plan_unlock_act (unlock);

-- 委托销号: the holder of a post lets a named official cancel in his place until a day. It ends by itself, and with the
-- giver's post.
CREATE TABLE cancel_delegation (
    id            BIGINT PRIMARY KEY,             -- what was done by it refers to it
    post          BIGINT NOT NULL REFERENCES post (id), -- the superior's post
    given_by      BIGINT NOT NULL REFERENCES official (id), -- its holder
    delegate      BIGINT NOT NULL REFERENCES official (id), -- who cancels instead; never what he owns himself
    reason        TEXT   NOT NULL,                -- why
    given_on      TEXT   NOT NULL CHECK (length(given_on) = 10), -- the day from which it holds
    until_on      TEXT   NOT NULL CHECK (length(until_on) = 10), -- the last day on which it holds
    ended_on      TEXT   CHECK (length(ended_on) = 10), -- taken back by the giver before that; it holds no more on this day
    ended_by      BIGINT REFERENCES official (id) -- the giver
);
CREATE INDEX cancel_delegation_delegate ON cancel_delegation (delegate, post);
CREATE INDEX cancel_delegation_post ON cancel_delegation (post, id);
ALTER TABLE cancellation ADD COLUMN delegation BIGINT REFERENCES cancel_delegation (id); -- done 受委托; nothing: by the superior
ALTER TABLE plan_return ADD COLUMN delegation BIGINT REFERENCES cancel_delegation (id); -- done 受委托; nothing: by the superior

-- 两人销号: where the values say so the superior's key is the first, and the number is cancelled when somebody above
-- turns the second. A key is of one account: a return makes it void.
CREATE TABLE cancellation_key (
    account       BIGINT PRIMARY KEY REFERENCES plan_account (id), -- the account that was accepted
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- of which item
    why           TEXT   NOT NULL,                -- which value asks for two, in words
    keyed_on      TEXT   NOT NULL CHECK (length(keyed_on) = 10), -- the day of the first key
    keyed_by      BIGINT NOT NULL REFERENCES official (id), -- the superior, or the delegate
    delegation    BIGINT REFERENCES cancel_delegation (id), -- by which the first key was turned, if by one
    confirmed_on  TEXT   CHECK (length(confirmed_on) = 10), -- the day of the second key and of the cancellation
    confirmed_by  BIGINT REFERENCES official (id) -- somebody above the superior
);
CREATE INDEX cancellation_key_item ON cancellation_key (item);

-- 抽查: supervision fixes a seed, then draws by it among what a unit cancelled in a month. The seed is written in the
-- chain before the drawing, and the population is kept, so that anybody can draw again.
CREATE TABLE plan_check (
    id            BIGINT PRIMARY KEY,             -- its samples refer to it
    unit          BIGINT NOT NULL REFERENCES unit (id), -- of which unit
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- of which month's plan: 2026-11
    seed          TEXT   NOT NULL,                -- 32 hexadecimal digits
    share_bp      BIGINT NOT NULL CHECK (share_bp BETWEEN 0 AND 10000), -- how many of ten thousand, rounded up
    fixed_on      TEXT   NOT NULL CHECK (length(fixed_on) = 10), -- the day of the seed
    fixed_by      BIGINT NOT NULL REFERENCES official (id), -- supervision
    population    TEXT   NOT NULL DEFAULT '',     -- the numbers that were drawn from, in order, with blanks between
    drawn_on      TEXT   CHECK (length(drawn_on) = 10), -- the day of the drawing; nothing: not drawn yet
    drawn_by      BIGINT REFERENCES official (id), -- supervision
    UNIQUE (unit, month)
);

CREATE TABLE plan_check_sample (
    id            BIGINT PRIMARY KEY,             -- one item that was drawn
    draw          BIGINT NOT NULL REFERENCES plan_check (id), -- by which drawing
    item          BIGINT NOT NULL UNIQUE REFERENCES plan_item (id), -- it stands in one plan, which is drawn from once
    cancellation  BIGINT NOT NULL REFERENCES cancellation (id), -- the cancellation that is checked
    passed        BIGINT CHECK (passed IN (0, 1)), -- nothing: not checked yet; 0 proposes its reversal to the superior
    seen          TEXT   NOT NULL DEFAULT '',     -- what was seen on the spot
    checked_on    TEXT   CHECK (length(checked_on) = 10), -- the day
    checked_by    BIGINT REFERENCES official (id), -- supervision
    upheld        TEXT   NOT NULL DEFAULT '',     -- why the superior does not reverse it
    upheld_on     TEXT   CHECK (length(upheld_on) = 10), -- the day
    upheld_by     BIGINT REFERENCES official (id) -- the superior
);
CREATE INDEX plan_check_sample_draw ON plan_check_sample (draw, id);

-- 季度预安: an item of a leader's plan for a quarter. It stands in the plan of the month in which it is due, so that it
-- is numbered, accounted for, cancelled and scored there like every other, and counted once (PAY settles by the month);
-- this row says that it was proposed and frozen with the quarter. A plan of its own whose month read 2026-Q4 would have
-- made every question about a month ask twice.
CREATE TABLE plan_quarter_item (
    item          BIGINT PRIMARY KEY REFERENCES plan_item (id), -- which item
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7) -- 2026-Q4
);
CREATE INDEX plan_quarter_item_quarter ON plan_quarter_item (quarter, item);
