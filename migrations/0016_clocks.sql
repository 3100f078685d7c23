-- Clocks (C5, G4): time that is left out of a clock, the working days that the county brought in, and how a clock moved.

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
