-- Petitions (C5, C6, C7): 《信访工作条例》 (2022). Each act is a row of its own noun: who and when come with it.

CREATE TABLE petition (
    id            BIGINT PRIMARY KEY,
    number        TEXT   NOT NULL UNIQUE,         -- 攸信〔2026〕0001号
    registered_on TEXT   NOT NULL CHECK (length(registered_on) = 10),
    registered_at BIGINT NOT NULL,
    registered_by BIGINT REFERENCES official (id), -- nobody: handed in by the petitioner on the public page
    channel       TEXT   NOT NULL CHECK (channel IN ('web', 'letter', 'call', 'fax', 'visit')), -- art. 17
    title         TEXT   NOT NULL,
    content       TEXT   NOT NULL,                -- the request, facts and reasons, as told (art. 19)
    theme         TEXT   NOT NULL,                -- 涉矿, 涉企, 涉军 …: key of petitions/themes
    division      TEXT   NOT NULL REFERENCES division (code), -- where it happened
    township      TEXT   NOT NULL,                -- nine digits (six: the county itself); ledgers filter by it
    place_detail  TEXT   NOT NULL,
    people        BIGINT NOT NULL CHECK (people >= 1), -- how many stand behind it
    anonymous     BIGINT NOT NULL CHECK (anonymous IN (0, 1)),
    lead          TEXT   NOT NULL,                -- name of the first representative, for ledger and search; '' when anonymous
    category      TEXT   NOT NULL CHECK (category IN ('unsorted', 'suggestion', 'report', 'claim')), -- 建议意见, 检举控告, 申诉求决
    branch        BIGINT CHECK (branch BETWEEN 1 AND 6), -- of art. 31, for claims
    state         TEXT   NOT NULL CHECK (state IN ('registered', 'assigned', 'accepted', 'answered', 'closed', 'forwarded')),
    unit          BIGINT REFERENCES unit (id),    -- responsible now: the first receiver, from dispatch on the lead unit
    handler       BIGINT REFERENCES official (id),
    version       BIGINT NOT NULL                 -- raised by every act; a form made for an older one is stale
);
CREATE INDEX petition_state ON petition (state, id);
CREATE INDEX petition_township ON petition (township, id);
CREATE INDEX petition_unit ON petition (unit, id);
CREATE INDEX petition_lead ON petition (lead, id);
CREATE INDEX petition_category ON petition (category, id);
CREATE INDEX petition_theme ON petition (theme, id);
-- What is being handled is a small part of what ever came in.
CREATE INDEX petition_open ON petition (id) WHERE state NOT IN ('closed', 'forwarded');

-- A person behind a petition; at most five, the elected representatives (art. 20).
CREATE TABLE petitioner (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    position      BIGINT NOT NULL CHECK (position BETWEEN 1 AND 5),
    name          TEXT   NOT NULL,
    phone         BYTEA,                          -- SM4-GCM
    phone_key     BYTEA,                          -- HMAC-SM3, to look a number up
    identity      BYTEA,                          -- SM4-GCM of the citizen number
    address       TEXT   NOT NULL,
    UNIQUE (petition, position)
);
CREATE INDEX petitioner_name ON petitioner (name, petition);
CREATE INDEX petitioner_phone ON petitioner (phone_key);

-- Whoever may never see a petition: the unit or person complained of, or an official with a direct interest (arts. 28, 30).
CREATE TABLE recusal (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    unit          BIGINT REFERENCES unit (id),
    official      BIGINT REFERENCES official (id),
    reason        TEXT   NOT NULL CHECK (reason IN ('complained_of', 'declared')),
    recorded_at   BIGINT NOT NULL,
    recorded_by   BIGINT REFERENCES official (id),
    CHECK ((unit IS NULL) <> (official IS NULL))
);
CREATE INDEX recusal_petition ON recusal (petition);
CREATE INDEX recusal_unit ON recusal (unit, petition) WHERE unit IS NOT NULL;
CREATE INDEX recusal_official ON recusal (official, petition) WHERE official IS NOT NULL;

-- The code on the receipt, as HMAC-SM3. It opens the public page of one petition.
CREATE TABLE receipt (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    code_key      BYTEA  NOT NULL UNIQUE
);

-- A statutory clock. Its due day is a decision of the day on which it was set; a change of calendar sets it anew.
CREATE TABLE clock (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    kind          TEXT   NOT NULL,                -- name of policy::Clock
    runs_from     TEXT   NOT NULL CHECK (length(runs_from) = 10), -- the day of dispatch, not counted
    extension     BIGINT NOT NULL DEFAULT 0 CHECK (extension BETWEEN 0 AND 30), -- days (art. 34)
    due_on        TEXT   CHECK (length(due_on) = 10), -- nothing: counted in working days into an unpublished year
    provisional   BIGINT NOT NULL CHECK (provisional IN (0, 1)),
    stopped_on    TEXT   CHECK (length(stopped_on) = 10) -- the day on which the duty was met or fell away
);
CREATE INDEX clock_petition ON clock (petition);
-- Clocks whose duty somebody owes to the petitioner; the rights to object and to ask for a review just lapse.
CREATE INDEX clock_owed ON clock (due_on, petition)
    WHERE stopped_on IS NULL AND kind IN ('registration', 'notice', 'handling', 'review', 're-review');

-- Given to a unit to handle (交办, 转送). The lead unit answers; helpers help (C12).
CREATE TABLE assignment (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    unit          BIGINT NOT NULL REFERENCES unit (id),
    part          TEXT   NOT NULL CHECK (part IN ('lead', 'help')),
    dispatched_on TEXT   NOT NULL CHECK (length(dispatched_on) = 10),
    dispatched_by BIGINT NOT NULL REFERENCES official (id),
    instruction   TEXT   NOT NULL,
    ended_on      TEXT   CHECK (length(ended_on) = 10)
);
CREATE INDEX assignment_petition ON assignment (petition);
CREATE INDEX assignment_help ON assignment (unit, petition) WHERE part = 'help' AND ended_on IS NULL;

-- 异议: the unit that it was given to says within five working days why it is not its own (art. 23).
CREATE TABLE objection (
    assignment    BIGINT PRIMARY KEY REFERENCES assignment (id),
    petition      BIGINT NOT NULL REFERENCES petition (id),
    reason        TEXT   NOT NULL,
    raised_on     TEXT   NOT NULL CHECK (length(raised_on) = 10),
    raised_by     BIGINT NOT NULL REFERENCES official (id)
);
CREATE INDEX objection_petition ON objection (petition);

-- 转送 to the organ that the law names (arts. 22, 30, 31), with the letter that went with it.
CREATE TABLE forwarding (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    organ         TEXT   NOT NULL,
    letter        TEXT   NOT NULL,
    forwarded_on  TEXT   NOT NULL CHECK (length(forwarded_on) = 10),
    forwarded_by  BIGINT NOT NULL REFERENCES official (id)
);

-- 受理 by the lead unit of now; what an earlier one accepted is in the chain. From this day the 60 days of a claim of branch 6 run.
CREATE TABLE acceptance (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    accepted_on   TEXT   NOT NULL CHECK (length(accepted_on) = 10),
    accepted_by   BIGINT NOT NULL REFERENCES official (id),
    path          TEXT   NOT NULL                 -- what the notice tells: who handles it and how
);

-- A paper that reached the petitioner: the notice of acceptance, an extension's notice, the written opinion.
CREATE TABLE service (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    paper         TEXT   NOT NULL CHECK (paper IN ('notice', 'extension', 'opinion')),
    served_on     TEXT   NOT NULL CHECK (length(served_on) = 10),
    manner        TEXT   NOT NULL CHECK (manner IN ('in_person', 'post', 'online', 'left')),
    signed_by     TEXT   NOT NULL,                -- who signed for it; '' where nobody did
    recorded_by   BIGINT NOT NULL REFERENCES official (id)
);
CREATE INDEX service_petition ON service (petition);

-- 延期: complex, the head's consent, at most 30 days, the petitioner told why (art. 34).
CREATE TABLE extension (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    days          BIGINT NOT NULL CHECK (days BETWEEN 1 AND 30),
    reason        TEXT   NOT NULL,
    asked_by      BIGINT NOT NULL REFERENCES official (id),
    consented_by  BIGINT NOT NULL REFERENCES official (id),
    consented_on  TEXT   NOT NULL CHECK (length(consented_on) = 10)
);

-- 处理意见书 (art. 32).
CREATE TABLE opinion (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    outcome       TEXT   NOT NULL CHECK (outcome IN ('supported', 'explained', 'not_supported')),
    request       TEXT   NOT NULL,
    facts         TEXT   NOT NULL,
    basis         TEXT   NOT NULL,                -- the law or policy it rests on
    reply         TEXT   NOT NULL,
    issued_on     TEXT   NOT NULL CHECK (length(issued_on) = 10),
    written_by    BIGINT NOT NULL REFERENCES official (id)
);

-- The petitioner's own word that the answer was received, by the code on the receipt or by signature.
CREATE TABLE acknowledgment (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    given_on      TEXT   NOT NULL CHECK (length(given_on) = 10),
    recorded_by   BIGINT REFERENCES official (id) -- nobody: given with the code
);

-- 回访 by somebody who did not handle it.
CREATE TABLE call_back (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    called_on     TEXT   NOT NULL CHECK (length(called_on) = 10),
    reached       BIGINT NOT NULL CHECK (reached IN (0, 1)),
    content       TEXT   NOT NULL,
    called_by     BIGINT NOT NULL REFERENCES official (id)
);
CREATE INDEX call_back_petition ON call_back (petition);

-- 办结销号: by another than the handler. 息访 is no reason for it.
CREATE TABLE closure (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    resolution    TEXT   NOT NULL CHECK (resolution IN ('resolved', 'answered', 'forwarded', 'withdrawn')),
    closed_on     TEXT   NOT NULL CHECK (length(closed_on) = 10),
    closed_by     BIGINT NOT NULL REFERENCES official (id)
);

-- The petitioner's rating, 1 to 5 (好差评).
CREATE TABLE rating (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id),
    score         BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5),
    content       TEXT   NOT NULL,
    rated_on      TEXT   NOT NULL CHECK (length(rated_on) = 10),
    recorded_by   BIGINT REFERENCES official (id) -- set where a staff device was used
);

-- What the petitioner added later with the code.
CREATE TABLE supplement (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    content       TEXT   NOT NULL,
    added_at      BIGINT NOT NULL
);
CREATE INDEX supplement_petition ON supplement (petition);

-- 包案: a prominent petition bound to a leader, with a deadline of its own (C7).
CREATE TABLE leader_binding (
    id            BIGINT PRIMARY KEY,
    petition      BIGINT NOT NULL REFERENCES petition (id),
    leader        BIGINT NOT NULL REFERENCES official (id),
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7), -- 2026-Q4
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10),
    bound_on      TEXT   NOT NULL CHECK (length(bound_on) = 10),
    bound_by      BIGINT NOT NULL REFERENCES official (id),
    ended_on      TEXT   CHECK (length(ended_on) = 10)
);
CREATE INDEX leader_binding_petition ON leader_binding (petition);
CREATE INDEX leader_binding_running ON leader_binding (petition) WHERE ended_on IS NULL;
CREATE INDEX leader_binding_leader ON leader_binding (leader, petition);
