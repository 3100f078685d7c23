-- 包案 beside 0003 (C7 to C10): the quarter's list from proposal to approval, more time with consent, handover signed by
-- both, the quarter-end meeting, inquiries of superior authorities (代访) and accompaniment (陪访).

-- Whose list it stands on: six digits the county's, nine a township's, by the unit of the leader. '': bound before this
-- column, on the county's.
ALTER TABLE leader_binding ADD COLUMN place TEXT NOT NULL DEFAULT '';
CREATE INDEX leader_binding_bound ON leader_binding (bound_on, id);

-- 情况严重: the petition office says so of a matter, with its reason. It is said of the matter, never of a person.
CREATE TABLE severity_mark (
    petition      BIGINT PRIMARY KEY REFERENCES petition (id), -- which matter
    reason        TEXT   NOT NULL,                -- why
    marked_on     TEXT   NOT NULL CHECK (length(marked_on) = 10), -- the day
    marked_by     BIGINT NOT NULL REFERENCES official (id) -- the petition officer
);

-- 提请包案: the petition office proposes, the chief of that level decides, and only then it is bound.
CREATE TABLE binding_proposal (
    id            BIGINT PRIMARY KEY,             -- its page
    petition      BIGINT NOT NULL REFERENCES petition (id), -- what is to be bound
    place         TEXT   NOT NULL,                -- whose list: the county's six digits or a township's nine
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7), -- 2026-Q4
    criteria      TEXT   NOT NULL,                -- the words of the criteria that it met, with blanks between
    reason        TEXT   NOT NULL,                -- why it is to be bound, as the chief reads it
    leader        BIGINT NOT NULL REFERENCES official (id), -- who is to answer for it
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10), -- the binding's own deadline
    proposed_on   TEXT   NOT NULL CHECK (length(proposed_on) = 10), -- the day
    proposed_by   BIGINT NOT NULL REFERENCES official (id), -- the petition officer
    approved      BIGINT CHECK (approved IN (0, 1)), -- nothing: not decided yet
    remark        TEXT   NOT NULL DEFAULT '',     -- the chief's words; a refusal has some
    decided_on    TEXT   CHECK (length(decided_on) = 10), -- the day
    decided_by    BIGINT REFERENCES official (id), -- the chief
    binding       BIGINT REFERENCES leader_binding (id) -- what came of it
);
CREATE UNIQUE INDEX binding_proposal_open ON binding_proposal (petition) WHERE decided_on IS NULL;
CREATE INDEX binding_proposal_place ON binding_proposal (place, quarter);
CREATE INDEX binding_proposal_binding ON binding_proposal (binding) WHERE binding IS NOT NULL;

-- 包案延期: asked for by the leader, granted by the chief and by nobody else.
CREATE TABLE binding_extension (
    id            BIGINT PRIMARY KEY,             -- in the order of asking
    binding       BIGINT NOT NULL REFERENCES leader_binding (id), -- of which binding
    due_before    TEXT   NOT NULL CHECK (length(due_before) = 10), -- its deadline when it was asked for
    due_on        TEXT   NOT NULL CHECK (length(due_on) = 10), -- the deadline asked for
    reason        TEXT   NOT NULL,                -- why
    asked_on      TEXT   NOT NULL CHECK (length(asked_on) = 10), -- the day
    asked_by      BIGINT NOT NULL REFERENCES official (id), -- the bound leader
    consented     BIGINT CHECK (consented IN (0, 1)), -- nothing: not decided yet
    remark        TEXT   NOT NULL DEFAULT '',     -- the chief's words; a refusal has some
    decided_on    TEXT   CHECK (length(decided_on) = 10), -- the day
    decided_by    BIGINT REFERENCES official (id) -- the chief, never the leader whose deadline it is
);
CREATE UNIQUE INDEX binding_extension_open ON binding_extension (binding) WHERE decided_on IS NULL;
CREATE INDEX binding_extension_binding ON binding_extension (binding);

-- 包案移交: the old leader gives, the new one takes; until then the old one stays bound.
CREATE TABLE binding_handover (
    id            BIGINT PRIMARY KEY,             -- in the order of giving
    binding       BIGINT NOT NULL REFERENCES leader_binding (id), -- what is handed over
    successor     BIGINT NOT NULL REFERENCES official (id), -- the new leader
    reason        TEXT   NOT NULL,                -- why, and how far the matter has come
    given_on      TEXT   NOT NULL CHECK (length(given_on) = 10), -- the old leader's signature
    given_by      BIGINT NOT NULL REFERENCES official (id), -- the old leader
    taken_on      TEXT   CHECK (length(taken_on) = 10), -- the new leader's signature
    dropped_on    TEXT   CHECK (length(dropped_on) = 10), -- the old leader gave it to another instead
    next          BIGINT REFERENCES leader_binding (id) -- the binding of the new leader
);
CREATE UNIQUE INDEX binding_handover_open ON binding_handover (binding) WHERE taken_on IS NULL AND dropped_on IS NULL;
CREATE INDEX binding_handover_next ON binding_handover (next) WHERE next IS NOT NULL;
CREATE INDEX binding_handover_successor ON binding_handover (successor) WHERE taken_on IS NULL AND dropped_on IS NULL;

-- 季末述职: what the bound leader says of a case at a quarter's end, in his or her own words.
CREATE TABLE binding_account (
    binding       BIGINT NOT NULL REFERENCES leader_binding (id), -- of which case
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7), -- for which meeting
    content       TEXT   NOT NULL,                -- the text; a draft until it is given
    written_by    BIGINT NOT NULL REFERENCES official (id), -- the leader
    given_on      TEXT   CHECK (length(given_on) = 10), -- nothing: a draft that its writer alone sees
    PRIMARY KEY (binding, quarter)
);

-- 点评: what the chief says of it at the meeting.
CREATE TABLE binding_comment (
    binding       BIGINT NOT NULL REFERENCES leader_binding (id), -- of which case
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7), -- at which meeting
    content       TEXT   NOT NULL,                -- the comment
    commented_on  TEXT   NOT NULL CHECK (length(commented_on) = 10), -- the day
    commented_by  BIGINT NOT NULL REFERENCES official (id), -- the chief
    PRIMARY KEY (binding, quarter)
);

-- 奖惩决定: reward or penalty for a leader at a quarter's end. It names no petition, so that pay may read it.
CREATE TABLE leader_reward (
    id            BIGINT PRIMARY KEY,             -- for the chain, and for pay
    official      BIGINT NOT NULL REFERENCES official (id), -- the leader
    place         TEXT   NOT NULL,                -- whose chief decided: six digits the county, nine a township
    quarter       TEXT   NOT NULL CHECK (length(quarter) = 7), -- 2026-Q4
    kind          TEXT   NOT NULL CHECK (kind IN ('reward', 'penalty')), -- 奖 or 惩
    fen           BIGINT CHECK (fen > 0),         -- nothing: without an amount, such as 通报表扬
    reason        TEXT   NOT NULL,                -- why; without names of petitioners
    document      TEXT   NOT NULL,                -- number of the document that it rests on
    decided_on    TEXT   NOT NULL CHECK (length(decided_on) = 10), -- the first key
    decided_by    BIGINT NOT NULL REFERENCES official (id), -- the chief
    signed_on     TEXT   CHECK (length(signed_on) = 10), -- the second key; before it the decision has no effect
    signed_by     BIGINT REFERENCES official (id) -- neither the decider nor the leader
);
CREATE INDEX leader_reward_quarter ON leader_reward (quarter, id);
CREATE INDEX leader_reward_official ON leader_reward (official, quarter);

-- 代访请示: where the policy is unclear the petition office asks the superior authority and brings its answer back.
CREATE TABLE inquiry (
    id            BIGINT PRIMARY KEY,             -- in the order of asking
    petition      BIGINT NOT NULL REFERENCES petition (id), -- on which matter
    number        TEXT   NOT NULL UNIQUE,         -- 攸信请〔2026〕1号
    organ         TEXT   NOT NULL,                -- the authority asked, in full
    question      TEXT   NOT NULL,                -- what is unclear, in one line
    content       TEXT   NOT NULL,                -- the letter
    sent_on       TEXT   NOT NULL CHECK (length(sent_on) = 10), -- from this day the waiting is counted
    sent_by       BIGINT NOT NULL REFERENCES official (id), -- the petition officer
    answered_on   TEXT   CHECK (length(answered_on) = 10), -- the date of the answer; nothing: still waiting
    answer        TEXT   NOT NULL DEFAULT '',     -- its text, for the house alone
    recorded_by   BIGINT REFERENCES official (id), -- who wrote the answer down
    told_on       TEXT   CHECK (length(told_on) = 10), -- when the petitioner was told
    told          TEXT   NOT NULL DEFAULT '',     -- what the petitioner reads, in plain words
    told_by       BIGINT REFERENCES official (id) -- who wrote that
);
CREATE INDEX inquiry_petition ON inquiry (petition);
CREATE INDEX inquiry_open ON inquiry (sent_on, id) WHERE answered_on IS NULL;

-- 陪访: who went along with the representatives to a superior authority. The entry says when, by whom and what came of it.
CREATE TABLE accompaniment (
    entry         BIGINT PRIMARY KEY REFERENCES entry (id), -- the step on the case; its content is the result
    petition      BIGINT NOT NULL REFERENCES petition (id), -- which case
    organ         TEXT   NOT NULL,                -- the authority visited, in full
    level         TEXT   NOT NULL CHECK (level IN ('city', 'province')), -- of which level it is
    officials     TEXT   NOT NULL,                -- who went along, as written
    representatives TEXT NOT NULL,                -- which representatives of the petitioners went
    cleared       BIGINT NOT NULL CHECK (cleared IN (0, 1)) -- whether the doubt was cleared
);
CREATE INDEX accompaniment_petition ON accompaniment (petition);
