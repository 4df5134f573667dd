-- Blocked time: each span in which the source marks an item blocked, with its reason; the clock stops when the item is delivered or abandoned.
create macro blocked_time(as_of) as table
    with cut as (
        select b.stream, b.item, arg_max(b.stage, b.visit_no) as stage, arg_max(b.reason, b.visit_no) as reason,
               min(b.from_at) as from_at, bool_or(b.at_least) as at_least,
               max(least(coalesce(b.until_at, 'infinity'), 'infinity'::timestamptz)) as until_at,
               sum(greatest(0, least(coalesce(b.until_us, c.now_us), c.now_us) - b.from_us)) as blocked_us
        from visit_blocked b join clock_of(as_of) c using (stream)
        where b.from_at <= as_of::timestamptz group by b.stream, b.item, b.span_until_at, b.reason
    )
    select c.stream, c.item, coalesce(t.name, c.item) as name, t.link, c.stage, c.reason, c.from_at,
           if(c.until_at <= as_of::timestamptz, c.until_at, null) as until_at,
           c.blocked_us / 86400e6 as days, c.until_at > as_of::timestamptz as open, c.at_least
    from cut c left join item_detail t using (stream, item) order by c.stream, days desc, c.item;
