-- Blocked time: each span in which the source marks an item blocked, with its reason; the clock stops when the item is delivered or abandoned.
-- stage: the stage it was last blocked in
-- reason: why, in the source's words of then, the last of them
-- open: still blocked
create macro blocked_time(as_of) as table
    with cut as (
        -- One row per span: the pieces that visits cut it into are put together again.
        select blocked.stream, blocked.item_no, arg_max(blocked.stage, blocked.visit_no) as stage,
               arg_max(blocked.reason, blocked.visit_no) as reason,
               min(blocked.from_at) as from_at, bool_or(blocked.at_least) as at_least,
               max(coalesce(blocked.until_at, 'infinity'::timestamptz)) as until_at,
               sum(greatest(0, least(coalesce(blocked.until_us, clock.now_us), clock.now_us)
                               - blocked.from_us)) as blocked_us
        from visit_blocked as blocked join clock_of(as_of) as clock using (stream)
        where blocked.from_at <= as_of::timestamptz
        group by blocked.stream, blocked.item_no, blocked.span_until_at, blocked.reason
    ), worded as (
        select cut.item_no, cut.from_at, arg_max(wording, part.from_at) as wording
        from cut join blocked_part as part on part.item_no = cut.item_no
            and part.from_at >= cut.from_at and part.from_at < cut.until_at
        where part.from_at <= as_of::timestamptz group by all
    )
    select cut.stream, item.item, item.name, item.link, cut.stage,
           coalesce(worded.wording, cut.reason) as reason, cut.from_at,
           if(cut.until_at <= as_of::timestamptz, cut.until_at, null) as until_at,
           in_days(cut.blocked_us) as days, cut.until_at > as_of::timestamptz as open, cut.at_least
    from cut join item using (item_no) left join worded using (item_no, from_at)
    order by cut.stream, days desc, item_no;
