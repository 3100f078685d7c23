-- Write once: what an official did (entries), and what it counted for (duties, notes, steps).

CREATE TABLE entry (
    id            BIGINT PRIMARY KEY,
    kind          TEXT   NOT NULL CHECK (kind IN ('visit', 'meeting', 'errand', 'case_step')),
    happened_on   TEXT   NOT NULL CHECK (length(happened_on) = 10),
    recorded_at   BIGINT NOT NULL,
    recorded_by   BIGINT NOT NULL REFERENCES official (id),
    appointment   BIGINT NOT NULL REFERENCES appointment (id), -- the post acted in
    division      TEXT   NOT NULL REFERENCES division (code),
    household     BIGINT REFERENCES household (id),
    result        TEXT   CHECK (result IN ('met', 'nobody_home', 'away', 'refused')), -- of a visit; none of them is a fault
    petition      BIGINT REFERENCES petition (id), -- the case it is a step on
    duty          TEXT   CHECK (duty IN ('investigated', 'handled', 'explained', 'settled', 'called_back')), -- of the five duties of a bound leader
    content       TEXT   NOT NULL
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
    entry         BIGINT NOT NULL REFERENCES entry (id),
    fulfilled_on  TEXT   NOT NULL CHECK (length(fulfilled_on) = 10),
    PRIMARY KEY (duty, subject, period)
);
CREATE INDEX duty_fulfilment_village ON duty_fulfilment (duty, period, village);

-- 民情: what people said (D5); one register a person is a view of this.
CREATE TABLE note (
    id            BIGINT PRIMARY KEY,
    entry         BIGINT NOT NULL REFERENCES entry (id),
    official      BIGINT NOT NULL REFERENCES official (id),
    division      TEXT   NOT NULL REFERENCES division (code),
    content       TEXT   NOT NULL,
    noted_on      TEXT   NOT NULL CHECK (length(noted_on) = 10),
    expires_on    TEXT   NOT NULL CHECK (length(expires_on) = 10)
);
CREATE INDEX note_official ON note (official, id);
CREATE INDEX note_division ON note (division, id);

-- When a village was last visited, by anybody and with any result: the newest row of its stretch of this index.
CREATE INDEX entry_village_visit ON entry (substr(division, 1, 12), happened_on) WHERE kind = 'visit';

-- 撤回: the writer takes back what was written the same day. The entry stays and counts for nothing any more.
CREATE TABLE entry_withdrawal (
    entry         BIGINT PRIMARY KEY REFERENCES entry (id),
    reason        TEXT   NOT NULL,
    withdrawn_at  BIGINT NOT NULL,
    withdrawn_by  BIGINT NOT NULL REFERENCES official (id)
);

-- How many households of a village a yearly duty is owed to, and to how many it was met. Kept because counting
-- 210,000 households takes 60 ms and more (duties/mod.rs); a reconciler makes it anew and a test compares the two.
CREATE TABLE duty_coverage (
    duty          TEXT   NOT NULL,
    period        TEXT   NOT NULL,
    village       TEXT   NOT NULL REFERENCES division (code),
    households    BIGINT NOT NULL CHECK (households >= 0), -- as of the last reconciliation
    fulfilled     BIGINT NOT NULL CHECK (fulfilled >= 0),
    PRIMARY KEY (duty, period, village)
);
