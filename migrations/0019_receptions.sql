-- Reception (C1 to C4): the days of the year and who receives, key periods, bookings, and what came of a talk.

-- Where a unit receives; a unit without a row receives at its own office, at the county's hours.
CREATE TABLE reception_site (
    unit          BIGINT PRIMARY KEY REFERENCES unit (id), -- whose
    place         TEXT   NOT NULL,                -- as people find it; may be empty
    hours         TEXT   NOT NULL,                -- '': the county's value reception.hours
    phone         TEXT   NOT NULL,                -- of the office, published; may be empty
    version       BIGINT NOT NULL                 -- raised by every change
);

-- The reception day of a unit in a month, made by rule ahead of the year.
CREATE TABLE reception_day (
    id            BIGINT PRIMARY KEY,             -- for bookings and the chain
    unit          BIGINT NOT NULL REFERENCES unit (id), -- who receives
    kind          TEXT   NOT NULL CHECK (kind IN ('township', 'county')), -- whose rule: the 10th or the 15th
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- 2026-11
    held_on       TEXT   NOT NULL CHECK (length(held_on) = 10), -- the day, moved off rest days
    provisional   BIGINT NOT NULL CHECK (provisional IN (0, 1)), -- 1: the year's arrangement of holidays is not published
    leader        BIGINT REFERENCES official (id), -- who receives; nobody: not arranged
    stands_for    BIGINT REFERENCES official (id), -- whose day it was, where somebody took it over
    queued        BIGINT NOT NULL DEFAULT 0,      -- last number given in the queue of the day
    sequence      BIGINT NOT NULL DEFAULT 0,      -- raised when day or leader change: SEQUENCE of the calendar feed
    changed_at    BIGINT NOT NULL,                -- the instant of that
    version       BIGINT NOT NULL,                -- raised by every act; a form made for an older one is stale
    UNIQUE (unit, month)
);
CREATE INDEX reception_day_month ON reception_day (month, unit);
CREATE INDEX reception_day_leader ON reception_day (leader, held_on);

-- The leader has seen the notice of the own day, or the list of those who come. What waits is computed, not stored.
CREATE TABLE reception_notice (
    day           BIGINT NOT NULL REFERENCES reception_day (id), -- of which day
    official      BIGINT NOT NULL REFERENCES official (id), -- who has seen it
    what          TEXT   NOT NULL CHECK (what IN ('notice', 'list')), -- the notice, or the list
    seen_at       BIGINT NOT NULL,                -- the instant
    PRIMARY KEY (day, official, what)
);

-- A leader who cannot come says so in time and changes days with the leader of the next month.
CREATE TABLE reception_absence (
    id            BIGINT PRIMARY KEY,             -- in the order of declaring
    day           BIGINT NOT NULL REFERENCES reception_day (id), -- the day on which the leader cannot come
    leader        BIGINT NOT NULL REFERENCES official (id), -- who cannot
    reason        TEXT   NOT NULL,                -- why
    substitute    BIGINT NOT NULL REFERENCES official (id), -- who receives instead
    other_day     BIGINT NOT NULL REFERENCES reception_day (id), -- the day that the leader takes in exchange
    declared_on   TEXT   NOT NULL CHECK (length(declared_on) = 10), -- the day in China
    declared_by   BIGINT NOT NULL REFERENCES official (id) -- the leader, or the petition office for the leader
);
CREATE INDEX reception_absence_day ON reception_absence (day);

-- A person in the queue of a day: booked on the public page or at the desk, come without a booking, or carried over.
CREATE TABLE reception_booking (
    id            BIGINT PRIMARY KEY,             -- what the phone is encrypted for
    day           BIGINT NOT NULL REFERENCES reception_day (id), -- which day
    queue         BIGINT NOT NULL CHECK (queue >= 1), -- number in the queue of the day
    origin        TEXT   NOT NULL CHECK (origin IN ('web', 'desk', 'walk_in', 'carried')), -- how the person came into it
    booked_for    TEXT   NOT NULL CHECK (length(booked_for) = 10), -- the day as it was then: one that moved is told
    code_key      BYTEA  NOT NULL UNIQUE,         -- HMAC-SM3 of the code; the code itself is kept nowhere
    name          TEXT   NOT NULL,                -- as given; may be empty for who comes on the day
    sex           TEXT   NOT NULL CHECK (sex IN ('', 'male', 'female')), -- '': not given
    age           BIGINT,                         -- years; nothing: not given
    phone         BYTEA,                          -- SM4-GCM
    phone_key     BYTEA,                          -- HMAC-SM3, to look a number up
    address       TEXT   NOT NULL,                -- unit or address as given; may be empty
    people        BIGINT NOT NULL CHECK (people >= 1), -- how many come
    matter        TEXT   NOT NULL,                -- in a few words, as told
    reference     TEXT   NOT NULL,                -- number of an earlier petition, as typed; may be empty
    petition      BIGINT REFERENCES petition (id), -- what it is about, or became
    against_unit  BIGINT REFERENCES unit (id),    -- unit complained of: it does not find this
    against_official BIGINT REFERENCES official (id), -- official complained of: does not find this
    continues     BIGINT UNIQUE REFERENCES reception_booking (id), -- what an earlier day left unfinished
    booked_at     BIGINT NOT NULL,                -- the instant
    booked_by     BIGINT REFERENCES official (id), -- nobody: on the public page
    cancelled_at  BIGINT,                         -- the person does not come
    erased_on     TEXT CHECK (length(erased_on) = 10), -- personal data deleted; numbers and days stay
    version       BIGINT NOT NULL,                -- raised by every act
    UNIQUE (day, queue)
);
CREATE INDEX reception_booking_name ON reception_booking (name, day);
CREATE INDEX reception_booking_phone ON reception_booking (phone_key) WHERE phone_key IS NOT NULL;
CREATE INDEX reception_booking_petition ON reception_booking (petition) WHERE petition IS NOT NULL;

-- 接访登记: that the leader spoke with the person, and what came of it.
CREATE TABLE reception (
    id            BIGINT PRIMARY KEY,             -- sorted by time
    booking       BIGINT NOT NULL UNIQUE REFERENCES reception_booking (id), -- with whom, on which day
    leader        BIGINT NOT NULL REFERENCES official (id), -- who received
    post          TEXT   NOT NULL,                -- the post of then
    result        TEXT   NOT NULL CHECK (result IN ('settled', 'case', 'continued')), -- settled on the spot, a case, or talked about again
    answer        TEXT   NOT NULL,                -- what was answered; may be empty for the others
    urgent        BIGINT NOT NULL CHECK (urgent IN (0, 1)), -- remark of the register
    bound         BIGINT NOT NULL CHECK (bound IN (0, 1)), -- 1: the case was bound to the receiving leader at once
    received_at   BIGINT NOT NULL,                -- when it was written down
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- who wrote it down
);

-- 重要时段: days on which a member of each unit's leadership is on duty (C2).
CREATE TABLE key_period (
    id            BIGINT PRIMARY KEY,             -- for the rosters and the chain
    name          TEXT   NOT NULL,                -- 国庆、全国两会 …
    from_on       TEXT   NOT NULL CHECK (length(from_on) = 10), -- first day
    to_on         TEXT   NOT NULL CHECK (length(to_on) = 10), -- last day
    made_on       TEXT   NOT NULL CHECK (length(made_on) = 10), -- the day on which it was set
    made_by       BIGINT NOT NULL REFERENCES official (id), -- the petition officer
    CHECK (to_on >= from_on)
);

-- The roster of one unit in a key period.
CREATE TABLE key_period_roster (
    id            BIGINT PRIMARY KEY,             -- for the days of duty and the chain
    period        BIGINT NOT NULL REFERENCES key_period (id), -- which period
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose
    version       BIGINT NOT NULL,                -- raised by every change
    UNIQUE (period, unit)
);

-- Who is on duty on a day of it. A day without a row is a gap.
CREATE TABLE key_period_duty (
    roster        BIGINT NOT NULL REFERENCES key_period_roster (id), -- of which roster
    duty_on       TEXT   NOT NULL CHECK (length(duty_on) = 10), -- the day
    official      BIGINT NOT NULL REFERENCES official (id), -- who is on duty
    PRIMARY KEY (roster, duty_on)
);
