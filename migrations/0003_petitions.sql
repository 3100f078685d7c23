-- Petitions (C5, C6, C7): 《信访工作条例》 (2022). Each act is a row of its own noun: who and when come with it.

CREATE TABLE petition (
    id            BIGINT PRIMARY KEY,             -- everything about it refers to it
    number        TEXT   NOT NULL UNIQUE,         -- 攸信〔2026〕0001号
    registered_on TEXT   NOT NULL CHECK (length(registered_on) = 10), -- from this day the 15 days of art. 22 run
    registered_at BIGINT NOT NULL,                -- the instant, for the order of a day
    registered_by BIGINT REFERENCES official (id), -- nobody: handed in by the petitioner on the public page
    channel       TEXT   NOT NULL CHECK (channel IN ('web', 'letter', 'call', 'fax', 'visit')), -- art. 17
    title         TEXT   NOT NULL,                -- short, for lists
    content       TEXT   NOT NULL,                -- the request, facts and reasons, as told (art. 19)
    theme         TEXT   NOT NULL,                -- 涉矿, 涉企, 涉军 …: key of petitions/themes
    division      TEXT   NOT NULL REFERENCES division (code), -- where it happened
    township      TEXT   NOT NULL,                -- nine digits (six: the county itself); ledgers filter by it
    place_detail  TEXT   NOT NULL,                -- house, road, field; may be empty
    people        BIGINT NOT NULL CHECK (people >= 1), -- how many stand behind it
    anonymous     BIGINT NOT NULL CHECK (anonymous IN (0, 1)), -- 1: nobody gave a name, and nothing is told to anybody
    lead          TEXT   NOT NULL,                -- name of the first representative, for ledger and search; '' when anonymous
    category      TEXT   NOT NULL CHECK (category IN ('unsorted', 'suggestion', 'report', 'claim')), -- 建议意见, 检举控告, 申诉求决
    branch        BIGINT CHECK (branch BETWEEN 1 AND 6), -- of art. 31, for claims
    state         TEXT   NOT NULL CHECK (state IN ('registered', 'assigned', 'accepted', 'answered', 'closed', 'forwarded')), -- where it stands; the rows of its acts say how it came there
    unit          BIGINT REFERENCES unit (id),    -- responsible now: the first receiver, from dispatch on the lead unit
    handler       BIGINT REFERENCES official (id), -- the official in charge of it in that unit
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
    id            BIGINT PRIMARY KEY,             -- what phone and identity are encrypted for
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition
    position      BIGINT NOT NULL CHECK (position BETWEEN 1 AND 5), -- 1: the first representative
    name          TEXT   NOT NULL,                -- as given
    phone         BYTEA,                          -- SM4-GCM
    phone_key     BYTEA,                          -- HMAC-SM3, to look a number up
    identity      BYTEA,                          -- SM4-GCM of the citizen number
    address       TEXT   NOT NULL,                -- as given; may be empty
    UNIQUE (petition, position)
);
CREATE INDEX petitioner_name ON petitioner (name, petition);
-- Those without a phone are many and never looked for by it.
CREATE INDEX petitioner_phone ON petitioner (phone_key) WHERE phone_key IS NOT NULL;

-- Whoever may never see a petition: the unit or person complained of, or an official with a direct interest (arts. 28, 30).
CREATE TABLE recusal (
    id            BIGINT PRIMARY KEY,             -- no meaning of its own
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition is kept from them
    unit          BIGINT REFERENCES unit (id),    -- a whole unit …
    official      BIGINT REFERENCES official (id), -- … or one official
    reason        TEXT   NOT NULL CHECK (reason IN ('complained_of', 'declared')), -- complained of, or declared by themselves
    recorded_at   BIGINT NOT NULL,                -- from then on it is not found
    recorded_by   BIGINT REFERENCES official (id), -- nobody: the petitioner named them
    CHECK ((unit IS NULL) <> (official IS NULL))
);
CREATE INDEX recusal_petition ON recusal (petition);
CREATE INDEX recusal_unit ON recusal (unit, petition) WHERE unit IS NOT NULL;
CREATE INDEX recusal_official ON recusal (official, petition) WHERE official IS NOT NULL;

-- The code on the receipt, as HMAC-SM3. It opens the public page of one petition.
CREATE TABLE receipt (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- one receipt each
    code_key      BYTEA  NOT NULL UNIQUE          -- the code itself is kept nowhere
);

-- A statutory clock. Its due day is a decision of the day on which it was set; a change of calendar sets it anew.
CREATE TABLE clock (
    id            BIGINT PRIMARY KEY,             -- no meaning of its own
    petition      BIGINT NOT NULL REFERENCES petition (id), -- whose clock
    kind          TEXT   NOT NULL,                -- name of policy::Clock
    runs_from     TEXT   NOT NULL CHECK (length(runs_from) = 10), -- the day of dispatch, not counted
    extension     BIGINT NOT NULL DEFAULT 0 CHECK (extension BETWEEN 0 AND 30), -- days (art. 34)
    due_on        TEXT   CHECK (length(due_on) = 10), -- nothing: counted in working days into an unpublished year
    provisional   BIGINT NOT NULL CHECK (provisional IN (0, 1)), -- 1: the day falls into a year whose arrangement was not published
    stopped_on    TEXT   CHECK (length(stopped_on) = 10) -- the day on which the duty was met or fell away
);
CREATE INDEX clock_petition ON clock (petition);
-- Clocks whose duty somebody owes to the petitioner; the rights to object and to ask for a review just lapse.
CREATE INDEX clock_owed ON clock (due_on, petition)
    WHERE stopped_on IS NULL AND kind IN ('registration', 'notice', 'handling', 'review', 're-review');

-- Given to a unit to handle (交办, 转送). The lead unit answers; helpers help (C12).
CREATE TABLE assignment (
    id            BIGINT PRIMARY KEY,             -- objections refer to it
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition
    unit          BIGINT NOT NULL REFERENCES unit (id), -- to whom
    part          TEXT   NOT NULL CHECK (part IN ('lead', 'help')), -- answers for it, or helps
    dispatched_on TEXT   NOT NULL CHECK (length(dispatched_on) = 10), -- its clocks run from this day
    dispatched_by BIGINT NOT NULL REFERENCES official (id), -- the petition officer
    instruction   TEXT   NOT NULL,                -- what is asked of the unit
    ended_on      TEXT   CHECK (length(ended_on) = 10) -- taken back, or given to another
);
CREATE INDEX assignment_petition ON assignment (petition);
CREATE INDEX assignment_help ON assignment (unit, petition) WHERE part = 'help' AND ended_on IS NULL;

-- 异议: the unit that it was given to says within five working days why it is not its own (art. 23).
CREATE TABLE objection (
    assignment    BIGINT PRIMARY KEY REFERENCES assignment (id), -- what it objects to; once each
    petition      BIGINT NOT NULL REFERENCES petition (id), -- the petition of that assignment
    reason        TEXT   NOT NULL,                -- why it is not the unit's remit
    raised_on     TEXT   NOT NULL CHECK (length(raised_on) = 10), -- within five working days
    raised_by     BIGINT NOT NULL REFERENCES official (id) -- an official of that unit
);
CREATE INDEX objection_petition ON objection (petition);

-- 转送 to the organ that the law names (arts. 22, 30, 31), with the letter that went with it.
CREATE TABLE forwarding (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- leaves the house with this
    organ         TEXT   NOT NULL,                -- its name in full
    letter        TEXT   NOT NULL,                -- the text that went along
    forwarded_on  TEXT   NOT NULL CHECK (length(forwarded_on) = 10), -- the day
    forwarded_by  BIGINT NOT NULL REFERENCES official (id) -- the petition officer
);

-- 受理 by the lead unit of now; what an earlier one accepted is in the chain. From this day the 60 days of a claim of branch 6 run.
CREATE TABLE acceptance (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- the acceptance of now
    accepted_on   TEXT   NOT NULL CHECK (length(accepted_on) = 10), -- not counted into the 60 days
    accepted_by   BIGINT NOT NULL REFERENCES official (id), -- becomes the handler
    path          TEXT   NOT NULL                 -- what the notice tells: who handles it and how
);

-- A paper that reached the petitioner: the notice of acceptance, an extension's notice, the written opinion.
CREATE TABLE service (
    id            BIGINT PRIMARY KEY,             -- in the order of serving
    petition      BIGINT NOT NULL REFERENCES petition (id), -- whose paper
    paper         TEXT   NOT NULL CHECK (paper IN ('notice', 'extension', 'opinion')), -- which one
    served_on     TEXT   NOT NULL CHECK (length(served_on) = 10), -- the day it reached them; review can be asked for from then on
    manner        TEXT   NOT NULL CHECK (manner IN ('in_person', 'post', 'online', 'left')), -- how it reached them
    signed_by     TEXT   NOT NULL,                -- who signed for it; '' where nobody did
    recorded_by   BIGINT NOT NULL REFERENCES official (id) -- who says so
);
CREATE INDEX service_petition ON service (petition);

-- 延期: complex, the head's consent, at most 30 days, the petitioner told why (art. 34).
CREATE TABLE extension (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- once each
    days          BIGINT NOT NULL CHECK (days BETWEEN 1 AND 30), -- added to the 60
    reason        TEXT   NOT NULL,                -- told to the petitioner
    asked_by      BIGINT NOT NULL REFERENCES official (id), -- who handles it
    consented_by  BIGINT NOT NULL REFERENCES official (id), -- the head, another person
    consented_on  TEXT   NOT NULL CHECK (length(consented_on) = 10) -- before the term is over
);

-- 处理意见书 (art. 32).
CREATE TABLE opinion (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- one each; it is not changed afterwards
    outcome       TEXT   NOT NULL CHECK (outcome IN ('supported', 'explained', 'not_supported')), -- art. 32: supported, explained, or not
    request       TEXT   NOT NULL,                -- what was asked for
    facts         TEXT   NOT NULL,                -- what was found
    basis         TEXT   NOT NULL,                -- the law or policy it rests on
    reply         TEXT   NOT NULL,                -- what is decided
    issued_on     TEXT   NOT NULL CHECK (length(issued_on) = 10), -- the date on the paper
    written_by    BIGINT NOT NULL REFERENCES official (id) -- who handled it; does not close it
);

-- The petitioner's own word that the answer was received, by the code on the receipt or by signature.
CREATE TABLE acknowledgment (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- once each
    given_on      TEXT   NOT NULL CHECK (length(given_on) = 10), -- the day
    recorded_by   BIGINT REFERENCES official (id) -- nobody: given with the code
);

-- 回访 by somebody who did not handle it.
CREATE TABLE call_back (
    id            BIGINT PRIMARY KEY,             -- in the order of calling
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which petition
    called_on     TEXT   NOT NULL CHECK (length(called_on) = 10), -- the day
    reached       BIGINT NOT NULL CHECK (reached IN (0, 1)), -- 0: tried, nobody there
    content       TEXT   NOT NULL,                -- what they said
    called_by     BIGINT NOT NULL REFERENCES official (id) -- somebody who did not handle it
);
CREATE INDEX call_back_petition ON call_back (petition);

-- 办结销号: by another than the handler. 息访 is no reason for it.
CREATE TABLE closure (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- once each
    resolution    TEXT   NOT NULL CHECK (resolution IN ('resolved', 'answered', 'forwarded', 'withdrawn')), -- how it ended
    closed_on     TEXT   NOT NULL CHECK (length(closed_on) = 10), -- from this day its retention runs
    closed_by     BIGINT NOT NULL REFERENCES official (id) -- another than the handler
);

-- The petitioner's rating, 1 to 5 (好差评).
CREATE TABLE rating (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- once each
    score         BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5), -- 5 is very satisfied
    content       TEXT   NOT NULL,                -- in their own words; may be empty
    rated_on      TEXT   NOT NULL CHECK (length(rated_on) = 10), -- the day
    recorded_by   BIGINT REFERENCES official (id) -- set where a staff device was used
);

-- What the petitioner added later with the code.
CREATE TABLE supplement (
    id            BIGINT PRIMARY KEY,             -- in the order of adding
    petition      BIGINT NOT NULL REFERENCES petition (id), -- to which petition
    content       TEXT   NOT NULL,                -- as written
    added_at      BIGINT NOT NULL                 -- the instant
);
CREATE INDEX supplement_petition ON supplement (petition);

-- 包案: a prominent petition bound to a leader, with a deadline of its own (C7).
CREATE TABLE leader_binding (
    id            BIGINT PRIMARY KEY,             -- no meaning of its own
    petition      BIGINT NOT NULL REFERENCES petition (id), -- what is bound; once at a time
    leader        BIGINT NOT NULL REFERENCES official (id), -- to whom; the duties are theirs, never the citizen's
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7), -- 2026-Q4
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10), -- its own deadline, beside the statutory one
    bound_on      TEXT   NOT NULL CHECK (length(bound_on) = 10), -- first day
    bound_by      BIGINT NOT NULL REFERENCES official (id), -- the petition officer
    ended_on      TEXT   CHECK (length(ended_on) = 10) -- settled, or handed over
);
CREATE INDEX leader_binding_petition ON leader_binding (petition);
CREATE INDEX leader_binding_running ON leader_binding (petition) WHERE ended_on IS NULL;
CREATE INDEX leader_binding_leader ON leader_binding (leader, petition);
