-- Write once: what an official did (entries), and what it counted for (duties, notes, steps).

CREATE TABLE entry (
    id            BIGINT PRIMARY KEY,             -- sorted by time of writing
    kind          TEXT   NOT NULL CHECK (kind IN ('visit', 'meeting', 'errand', 'case_step')), -- what was done
    happened_on   TEXT   NOT NULL CHECK (length(happened_on) = 10), -- when, as its writer says
    recorded_at   BIGINT NOT NULL,                -- when it was written down
    recorded_by   BIGINT NOT NULL REFERENCES official (id), -- whose it is
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post acted in
    division      TEXT   NOT NULL REFERENCES division (code), -- where
    household     BIGINT REFERENCES household (id), -- whom a visit was paid to
    result        TEXT   CHECK (result IN ('met', 'nobody_home', 'away', 'refused')), -- of a visit; none of them is a fault
    petition      BIGINT REFERENCES petition (id), -- the case it is a step on
    duty          TEXT   CHECK (duty IN ('investigated', 'handled', 'explained', 'settled', 'called_back')), -- of the five duties of a bound leader
    content       TEXT   NOT NULL                 -- what was done or said; may be empty for a visit
);
CREATE INDEX entry_official ON entry (recorded_by, id);
CREATE INDEX entry_household ON entry (household, id);
CREATE INDEX entry_petition ON entry (petition, id);
CREATE INDEX entry_division ON entry (division, id);

-- A recurring duty that was met: unique by duty, subject and period, so that counting it again changes nothing.
CREATE TABLE duty_fulfilment (
    duty          TEXT   NOT NULL,                -- B2: one visit to every household in a year
    subject       BIGINT NOT NULL,                -- B2: the household
    period        TEXT   NOT NULL,                -- B2: the year
    village       TEXT   NOT NULL REFERENCES division (code), -- coverage is counted by it
    entry         BIGINT NOT NULL REFERENCES entry (id), -- the first that met it
    fulfilled_on  TEXT   NOT NULL CHECK (length(fulfilled_on) = 10), -- the day of that entry
    PRIMARY KEY (duty, subject, period)
);
CREATE INDEX duty_fulfilment_village ON duty_fulfilment (duty, period, village);

-- 民情: what people said (D5); one register a person is a view of this.
CREATE TABLE note (
    id            BIGINT PRIMARY KEY,             -- in the order of the register
    entry         BIGINT NOT NULL REFERENCES entry (id), -- what it was heard at
    official      BIGINT NOT NULL REFERENCES official (id), -- who heard it
    division      TEXT   NOT NULL REFERENCES division (code), -- where
    content       TEXT   NOT NULL,                -- what was said
    noted_on      TEXT   NOT NULL CHECK (length(noted_on) = 10), -- when
    expires_on    TEXT   NOT NULL CHECK (length(expires_on) = 10) -- from this day it counts as lapsed
);
CREATE INDEX note_official ON note (official, id);
CREATE INDEX note_division ON note (division, id);

-- When a village was last visited, by anybody and with any result: the newest row of its stretch of this index.
CREATE INDEX entry_village_visit ON entry (substr(division, 1, 12), happened_on) WHERE kind = 'visit';

-- 撤回: the writer takes back what was written the same day. The entry stays and counts for nothing any more.
CREATE TABLE entry_withdrawal (
    entry         BIGINT PRIMARY KEY REFERENCES entry (id), -- which one
    reason        TEXT   NOT NULL,                -- why
    withdrawn_at  BIGINT NOT NULL,                -- the instant, the same day
    withdrawn_by  BIGINT NOT NULL REFERENCES official (id) -- its writer
);

-- How many households of a village a yearly duty is owed to, and to how many it was met. Kept because counting
-- 210,000 households takes 60 ms and more (duties/mod.rs); a reconciler makes it anew and a test compares the two.
CREATE TABLE duty_coverage (
    duty          TEXT   NOT NULL,                -- as in duty_fulfilment
    period        TEXT   NOT NULL,                -- as in duty_fulfilment
    village       TEXT   NOT NULL REFERENCES division (code), -- which village
    households    BIGINT NOT NULL CHECK (households >= 0), -- as of the last reconciliation
    fulfilled     BIGINT NOT NULL CHECK (fulfilled >= 0), -- raised by the first visit, lowered by a withdrawal
    PRIMARY KEY (duty, period, village)
);
