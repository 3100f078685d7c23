-- The course of a settlement (E7): checked by another, put up as a public notice, objected to and answered; and what was
-- decided on rewards and penalties, as lines of a month's payment.

-- 1: was handed over for approval before notices were part of the course; it is signed as it was, and stays valid.
-- What was a draft on that day is checked and put up like every new one.
ALTER TABLE pay_run ADD COLUMN unnoticed BIGINT NOT NULL DEFAULT 0;
UPDATE pay_run SET unnoticed = 1 WHERE submitted_on IS NOT NULL;

-- 核对: somebody else than who settled it has gone through it.
CREATE TABLE pay_check (
    run           BIGINT PRIMARY KEY REFERENCES pay_run (id), -- of which settlement
    checked_on    TEXT   NOT NULL CHECK (length(checked_on) = 10), -- the day in China
    checked_by    BIGINT NOT NULL REFERENCES official (id) -- neither who settled it nor who receives from it
);

-- 公示: put up by personnel. What the county's values said on that day is kept, so that a later value changes no notice.
-- Its last day is reckoned from the working days in force: a year that is not published has no last day yet.
CREATE TABLE pay_notice (
    run           BIGINT PRIMARY KEY REFERENCES pay_run (id), -- of which settlement
    put_up_on     TEXT   NOT NULL CHECK (length(put_up_on) = 10), -- the day in China; it is not counted
    put_up_by     BIGINT NOT NULL REFERENCES official (id), -- the official of personnel
    working_days  BIGINT NOT NULL CHECK (working_days >= 0), -- for how long it is up
    objection_days BIGINT NOT NULL CHECK (objection_days >= 0), -- within how many working days an objection is in time
    answer_days   BIGINT NOT NULL CHECK (answer_days >= 0), -- within how many working days an objection is answered
    amounts       BIGINT NOT NULL CHECK (amounts IN (0, 1)), -- 1: it shows amounts, not only scores
    public        BIGINT NOT NULL CHECK (public IN (0, 1)), -- 1: it is also on a page for everybody
    repeats       BIGINT REFERENCES pay_run (id) -- the earlier settlement of the month whose notice it takes up
);

-- Whose result a notice shows, and since which day: after settling anew, today for those whose result has changed, and
-- the day of the earlier notice for the others, whose time is not prolonged.
CREATE TABLE pay_notice_line (
    run           BIGINT NOT NULL REFERENCES pay_notice (run), -- which notice
    official      BIGINT NOT NULL REFERENCES official (id), -- whose result
    since         TEXT   NOT NULL CHECK (length(since) = 10), -- the day from which their time is counted; not counted itself
    PRIMARY KEY (run, official)
);
CREATE INDEX pay_notice_line_official ON pay_notice_line (official, run);

-- 异议: of somebody in a settlement, to the own result. Seen by that person, personnel, the leader who signs, and audit.
CREATE TABLE pay_objection (
    id            BIGINT PRIMARY KEY,             -- in the order of raising
    run           BIGINT NOT NULL REFERENCES pay_run (id), -- against which settlement
    official      BIGINT NOT NULL REFERENCES official (id), -- whose share it is
    content       TEXT   NOT NULL,                -- what is said to be wrong, and why
    raised_on     TEXT   NOT NULL CHECK (length(raised_on) = 10), -- the day in China
    in_time       BIGINT NOT NULL CHECK (in_time IN (0, 1)), -- 1: until it is answered, nobody approves
    answer_days   BIGINT NOT NULL CHECK (answer_days >= 0), -- working days for the answer, as the values said on that day
    accepted      BIGINT CHECK (accepted IN (0, 1)), -- nothing: not answered yet
    answer        TEXT   NOT NULL DEFAULT '',     -- the reasons
    answered_on   TEXT   CHECK (length(answered_on) = 10), -- the day
    answered_by   BIGINT REFERENCES official (id), -- the official of personnel, never the one who objects
    carried_by    BIGINT REFERENCES pay_run (id), -- accepted before approval: the settlement made anew
    correction    BIGINT REFERENCES pay_correction (id) -- accepted after approval: the correction of a later month
);
CREATE UNIQUE INDEX pay_objection_open ON pay_objection (run, official) WHERE answered_on IS NULL;
CREATE INDEX pay_objection_waiting ON pay_objection (raised_on, id) WHERE answered_on IS NULL;
CREATE INDEX pay_objection_run ON pay_objection (run, id);
CREATE INDEX pay_objection_official ON pay_objection (official, id);

-- A reward or penalty that two keys have decided (leader_reward), as a line of its own in the payment of one unit and
-- month, whatever the attempt: never part of a score or share. Each is taken once.
CREATE TABLE pay_reward (
    reward        BIGINT PRIMARY KEY REFERENCES leader_reward (id), -- the decision; it is taken by one month alone
    unit          BIGINT NOT NULL REFERENCES unit (id), -- whose settlement carries it
    month         TEXT   NOT NULL CHECK (length(month) = 7), -- of the settlement that carries it
    official      BIGINT NOT NULL REFERENCES official (id), -- who gets it or owes it
    fen           BIGINT NOT NULL CHECK (fen <> 0), -- a reward; negative: a penalty
    taken_on      TEXT   NOT NULL CHECK (length(taken_on) = 10) -- the day of the settlement that took it
);
CREATE INDEX pay_reward_month ON pay_reward (unit, month, reward);
CREATE INDEX pay_reward_official ON pay_reward (official, reward);
