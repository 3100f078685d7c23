-- A plan item complete (E1): helpers, the listed responsibility, what it replaces, the meeting that decided it; proposals
-- merged and split before they are frozen.

-- 履职事项清单: what a kind of unit has to do, as the county's document lists it. A county may keep none.
CREATE TABLE responsibility (
    id            BIGINT PRIMARY KEY,             -- plan items refer to it
    unit_kind     TEXT   NOT NULL CHECK (unit_kind IN ('county', 'department', 'township', 'village')), -- whose list
    code          TEXT   NOT NULL,                -- its number in the list, as printed
    name          TEXT   NOT NULL,                -- what is to be done
    part          TEXT   NOT NULL CHECK (part IN ('basic', 'shared', 'taken_back')), -- 基本, 配合; 收回: no longer theirs
    source        TEXT   NOT NULL,                -- the document that has the list
    holds_from    TEXT   NOT NULL CHECK (length(holds_from) = 10), -- first day on which it is listed
    holds_to      TEXT   CHECK (length(holds_to) = 10), -- first day on which it is not; nothing: still listed
    UNIQUE (unit_kind, code, holds_from)
);

-- The responsibility that it falls under; nothing where the unit's kind had no list when it was proposed.
ALTER TABLE plan_item ADD COLUMN responsibility BIGINT REFERENCES responsibility (id);
-- 1: there was a list, and it is on none of its lines.
ALTER TABLE plan_item ADD COLUMN unlisted BIGINT NOT NULL DEFAULT 0 CHECK (unlisted IN (0, 1));
-- 替代: the item in whose place it came, so that it adds no burden.
ALTER TABLE plan_item ADD COLUMN replaces BIGINT REFERENCES plan_item (id);
-- The meeting that decided it. Its source is then the meeting; the column source says whether owner or superior entered
-- it, since the words that source takes cannot be changed in both databases.
ALTER TABLE plan_item ADD COLUMN meeting TEXT;
CREATE INDEX plan_item_serves ON plan_item (serves);
CREATE INDEX plan_item_replaces ON plan_item (replaces);

-- 协办: units and officials who help with an item. They find it; the owner alone accounts for it.
CREATE TABLE plan_helper (
    id            BIGINT PRIMARY KEY,             -- in the order in which they were named
    item          BIGINT NOT NULL REFERENCES plan_item (id), -- which item
    unit          BIGINT REFERENCES unit (id),    -- a unit that helps
    official      BIGINT REFERENCES official (id), -- or an official who does
    CHECK ((unit IS NULL) <> (official IS NULL))
);
CREATE INDEX plan_helper_item ON plan_helper (item);
CREATE INDEX plan_helper_unit ON plan_helper (unit);
CREATE INDEX plan_helper_official ON plan_helper (official);

-- 合并: before freezing the superior lets one proposal stand for another, which stays as it was and points to it.
CREATE TABLE plan_merge (
    item          BIGINT PRIMARY KEY REFERENCES plan_item (id), -- the proposal that is merged
    into_item     BIGINT NOT NULL REFERENCES plan_item (id), -- the one that stands
    reason        TEXT   NOT NULL,                -- why
    merged_on     TEXT   NOT NULL CHECK (length(merged_on) = 10), -- the day
    merged_by     BIGINT NOT NULL REFERENCES official (id) -- the superior
);
CREATE INDEX plan_merge_into ON plan_merge (into_item);

-- 拆分: before freezing the superior puts several items in the place of a proposal, which stays as it was.
CREATE TABLE plan_split (
    part          BIGINT PRIMARY KEY REFERENCES plan_item (id), -- one of those that stand
    whole         BIGINT NOT NULL REFERENCES plan_item (id), -- the proposal that was split
    reason        TEXT   NOT NULL,                -- why
    split_on      TEXT   NOT NULL CHECK (length(split_on) = 10), -- the day
    split_by      BIGINT NOT NULL REFERENCES official (id) -- the superior
);
CREATE INDEX plan_split_whole ON plan_split (whole);
