-- What pages open with, worked out once (publishing/ahead.py). opening: the instant at which each
-- table ahead_... was worked out, and from when until when nothing else is known to have happened.
create table opening (
    opening_no integer, as_of timestamptz, from_at timestamptz, until_at timestamptz
);
-- What Python works out. verdict and spread: of a part as judged at an instant, the same whenever
-- it is asked; hand_off: while its opening holds.
create table ahead_verdict (
    stream text, stage text, stage_name text, word text, judged_at timestamptz, weeks bigint,
    moved bigint, expected double, compared bigint, left_out bigint, cautions text, sentence text,
    primary key (stream, stage, judged_at)
);
create table ahead_spread (
    stream text, stage text, stage_name text, word text, judged_at timestamptz, entered bigint,
    quarter_days double, half_days double, p85_days double, times double, weeks bigint,
    weeks_out bigint, cautions text, sentence text, primary key (stream, stage, judged_at)
);
create table ahead_hand_off (
    from_at timestamptz, until_at timestamptz, stream text, stage text, hand_offs bigint,
    connected bigint, skipped bigint, returned bigint, abandoned bigint, not_mapped bigint,
    "open" bigint, open_median_days double, half_days double, is_timed boolean
);
