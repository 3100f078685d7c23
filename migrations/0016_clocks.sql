-- Clocks (C5, G4): time that is left out of a clock, the working days that the county brought in, how a clock moved, who
-- decides whose matter it is, and who was told that a clock runs out.

-- 听证: days that are not counted into a clock (art. 36; art. 34 where a document of the county says so). A row is added
-- and never changed, so that no clock is due earlier by it.
CREATE TABLE suspension (
    id            BIGINT PRIMARY KEY,             -- in the order of recording
    petition      BIGINT NOT NULL REFERENCES petition (id), -- whose clock
    clock         BIGINT NOT NULL REFERENCES clock (id), -- which clock stood still
    held_from     TEXT   NOT NULL CHECK (length(held_from) = 10), -- first day that is not counted
    held_to       TEXT   NOT NULL CHECK (length(held_to) = 10), -- last day that is not counted
    reason        TEXT   NOT NULL,                -- told to the petitioner
    recorded_at   BIGINT NOT NULL,                -- the instant
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- who says so
);
CREATE INDEX suspension_petition ON suspension (petition);
CREATE INDEX suspension_clock ON suspension (clock);

-- A day of a year's arrangement (放假调休) that the county brought in, over the years that the program knows by itself.
CREATE TABLE calendar_day (
    day           TEXT   PRIMARY KEY CHECK (length(day) = 10), -- a day on which something else holds than on its weekday, or a holiday
    kind          TEXT   NOT NULL CHECK (kind IN ('rest', 'work')), -- people rest, or work though it is a weekend
    holiday       TEXT   NOT NULL,                -- 春节 …
    source        TEXT   NOT NULL                 -- the notice that says so
);

-- A clock was computed anew because the working days of a year became known or changed, and came out differently.
CREATE TABLE clock_move (
    id            BIGINT PRIMARY KEY,             -- in the order of computing
    petition      BIGINT NOT NULL REFERENCES petition (id), -- whose clock
    clock         BIGINT NOT NULL REFERENCES clock (id), -- which clock
    was_due       TEXT   CHECK (length(was_due) = 10), -- due before; nothing: not known
    was_provisional BIGINT NOT NULL CHECK (was_provisional IN (0, 1)), -- 1: it could still move
    now_due       TEXT   CHECK (length(now_due) = 10), -- due from then on; nothing: not known
    now_provisional BIGINT NOT NULL CHECK (now_provisional IN (0, 1)), -- 1: it can still move
    why           TEXT   NOT NULL,                -- which arrangement, by which notice
    moved_on      TEXT   NOT NULL CHECK (length(moved_on) = 10) -- the day
);
CREATE INDEX clock_move_petition ON clock_move (petition);

-- Who is to handle it is in dispute, and waits for the common superior of the units: the sender does not agree to an
-- objection (art. 23), or lead and helpers do not agree on who leads (art. 24).
CREATE TABLE dispute (
    id            BIGINT PRIMARY KEY,             -- the ruling refers to it
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition; one dispute at a time
    kind          TEXT   NOT NULL CHECK (kind IN ('objection', 'deadlock')), -- about whose remit it is, or about who leads
    reason        TEXT   NOT NULL,                -- as the superior reads it
    raised_on     TEXT   NOT NULL CHECK (length(raised_on) = 10), -- the day
    raised_by     BIGINT NOT NULL REFERENCES official (id), -- the sender, or somebody of lead or helper
    superior      BIGINT NOT NULL REFERENCES post (id), -- the post that decides: whoever holds it
    ended_on      TEXT   CHECK (length(ended_on) = 10) -- decided, or fallen away
);
CREATE INDEX dispute_petition ON dispute (petition);
CREATE INDEX dispute_superior ON dispute (superior, petition);

-- 指定: the superior's decision. The unit that it names cannot object again.
CREATE TABLE ruling (
    dispute       BIGINT PRIMARY KEY REFERENCES dispute (id), -- what it decides; once each
    petition      BIGINT NOT NULL REFERENCES petition (id), -- the petition of that dispute
    unit          BIGINT NOT NULL REFERENCES unit (id), -- leads from now on
    reason        TEXT   NOT NULL,                -- why this unit
    decided_on    TEXT   NOT NULL CHECK (length(decided_on) = 10), -- the day
    decided_by    BIGINT NOT NULL REFERENCES official (id) -- who held the post
);
CREATE INDEX ruling_petition ON ruling (petition);

-- 催办、督办: somebody was told that a clock runs out, or has run out. Each rung once for each day on which it was due, so
-- that telling again changes nothing.
CREATE TABLE urging (
    id            BIGINT PRIMARY KEY,             -- in the order of telling
    petition      BIGINT NOT NULL REFERENCES petition (id), -- whose clock
    clock         BIGINT NOT NULL REFERENCES clock (id), -- which clock
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10), -- the day on which it was due then
    rung          TEXT   NOT NULL CHECK (rung IN ('warn', 'unit', 'superior', 'above')), -- how far up it has gone
    post          BIGINT REFERENCES post (id),    -- to which post; nothing: nobody in the line holds one
    official      BIGINT REFERENCES official (id), -- who held it on that day
    told_on       TEXT   NOT NULL CHECK (length(told_on) = 10), -- the day
    UNIQUE (clock, rung, due_on)
);
CREATE INDEX urging_petition ON urging (petition);
CREATE INDEX urging_post ON urging (post, petition);
