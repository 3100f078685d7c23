-- Ground: numbers, divisions, households, units, posts, officials (G1, G3, G10).
-- Read by SQLite and PostgreSQL alike. Ids are made by the program and sorted by time; days are ISO text
-- ('2026-11-23'); instants are milliseconds since 1970 in columns that end in _at; money is fen.

-- Which process may use which ten bits of an id; a lease lapses by itself when its process dies.
CREATE TABLE node_lease (
    node        BIGINT PRIMARY KEY,               -- 0 to 1023
    holder      TEXT   NOT NULL,                  -- random text of the process that holds it
    lapses_at   BIGINT NOT NULL                   -- instant after which another process may take the number
);

-- The last number given in a series and year. The row's lock is all that serialises the writers of one series.
CREATE TABLE number_series (
    series      TEXT   NOT NULL,                  -- 攸信, 攸预 …
    year        BIGINT NOT NULL,                  -- the number begins again at 1 in each
    last        BIGINT NOT NULL CHECK (last > 0), -- the last number given
    PRIMARY KEY (series, year)
);

-- What a database is: 'demo' may be served by `demo` only.
CREATE TABLE database_mark (
    name        TEXT PRIMARY KEY,                 -- kind, county, seed
    value       TEXT NOT NULL                     -- demo or county; the seed of the demo
);

-- A county's own dated values, for the keys that the policy files mark as local (G3).
CREATE TABLE policy_value (
    id          BIGINT PRIMARY KEY,               -- for the chain
    name        TEXT   NOT NULL,                  -- key of policy/values
    holds_from  TEXT   NOT NULL CHECK (length(holds_from) = 10), -- first day on which it holds; until the next row of the same key
    value       TEXT   NOT NULL,                  -- as TOML would write it
    source      TEXT   NOT NULL,                  -- document that says so
    UNIQUE (name, holds_from)
);

-- Places from county to villager group. A code is never used again; renaming keeps it, a new parent retires it.
CREATE TABLE division (
    code        TEXT   PRIMARY KEY,               -- 6, 9 or 12 digits; a group has its village's 12 and 2 more
    parent      TEXT   REFERENCES division (code), -- the place it lies in; none for the county
    name        TEXT   NOT NULL,                  -- as people say it, without the places above
    initials    TEXT   NOT NULL,                  -- pinyin initials, lower case: 阳升村 → ysc
    kind        TEXT   NOT NULL CHECK (kind IN ('county', 'township', 'street', 'park', 'village', 'community', 'group')), -- follows from the code (GB/T 10114)
    valid_from  TEXT   NOT NULL CHECK (length(valid_from) = 10), -- first day on which it is used
    valid_to    TEXT   CHECK (length(valid_to) = 10) -- first day on which it no longer holds
);
CREATE INDEX division_parent ON division (parent);
CREATE INDEX division_initials ON division (initials);

-- A household, with what the duties need and nothing more.
CREATE TABLE household (
    id          BIGINT PRIMARY KEY,               -- for entries, duties and the chain
    division    TEXT   NOT NULL REFERENCES division (code), -- its group, or its village where there are no groups
    village     TEXT   NOT NULL REFERENCES division (code), -- twelve digits; the duty is counted by it
    number      TEXT   NOT NULL UNIQUE,           -- 户号 as the county writes it; leading zeros kept
    head        TEXT   NOT NULL,                  -- name of the head of the household
    people      BIGINT NOT NULL CHECK (people >= 0), -- how many live there
    phone       BYTEA,                            -- SM4-GCM
    valid_from  TEXT   NOT NULL CHECK (length(valid_from) = 10), -- first day in the register
    valid_to    TEXT   CHECK (length(valid_to) = 10) -- first day no longer in it; its number is not given again
);
CREATE INDEX household_village ON household (village, id);
CREATE INDEX household_head ON household (head);

-- A unit that has posts: the county's leadership, a department, a township.
CREATE TABLE unit (
    id          BIGINT PRIMARY KEY,               -- for posts, petitions, plans and pay
    code        TEXT   NOT NULL UNIQUE,           -- the county's own code; imports refer to it
    name        TEXT   NOT NULL,                  -- in full: 县自然资源局
    kind        TEXT   NOT NULL CHECK (kind IN ('county', 'department', 'township', 'village')), -- decides which reception day and which plan level
    division    TEXT   NOT NULL REFERENCES division (code), -- the place that it serves
    superior    BIGINT REFERENCES unit (id),      -- the unit above, which reviews (art. 35)
    valid_from  TEXT   NOT NULL CHECK (length(valid_from) = 10), -- first day on which it exists
    valid_to    TEXT   CHECK (length(valid_to) = 10) -- first day on which it does no longer
);

CREATE TABLE post (
    id          BIGINT PRIMARY KEY,               -- for appointments
    unit        BIGINT NOT NULL REFERENCES unit (id), -- whose post; never changed
    code        TEXT   NOT NULL UNIQUE,           -- the county's own code; imports refer to it
    title       TEXT   NOT NULL,                  -- 镇长, 科员 …
    listed_as   TEXT   NOT NULL,                  -- the post as the pay classes of policy/values list it: 乡镇长
    superior    BIGINT REFERENCES post (id)       -- whoever cancels the plan items of this post
);
CREATE INDEX post_unit ON post (unit);

CREATE TABLE official (
    id          BIGINT PRIMARY KEY,               -- for everything that somebody did
    number      TEXT   NOT NULL UNIQUE,           -- 干部编号; decides ties in pay, by its bytes
    name        TEXT   NOT NULL,                  -- as the personnel file has it
    initials    TEXT   NOT NULL                   -- pinyin initials, for pickers
);
CREATE INDEX official_name ON official (name);

-- Who holds which post from when to when; history survives a transfer.
CREATE TABLE appointment (
    id          BIGINT PRIMARY KEY,               -- roles, sessions and plan items hang on it
    official    BIGINT NOT NULL REFERENCES official (id), -- who holds it
    post        BIGINT NOT NULL REFERENCES post (id), -- which post
    held_from   TEXT   NOT NULL CHECK (length(held_from) = 10), -- first day in the post
    held_to     TEXT   CHECK (length(held_to) = 10), -- first day on which it is no longer held
    UNIQUE (official, post, held_from)
);
CREATE INDEX appointment_post ON appointment (post);

-- 办点: the village that an official is assigned to.
CREATE TABLE village_assignment (
    id          BIGINT PRIMARY KEY,               -- no meaning of its own
    official    BIGINT NOT NULL REFERENCES official (id), -- who is assigned
    village     TEXT   NOT NULL REFERENCES division (code), -- to which village, twelve digits
    held_from   TEXT   NOT NULL CHECK (length(held_from) = 10), -- first day of the assignment
    held_to     TEXT   CHECK (length(held_to) = 10), -- first day on which it has ended
    UNIQUE (official, village, held_from)
);
CREATE INDEX village_assignment_village ON village_assignment (village);
