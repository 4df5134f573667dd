-- Doubt: items whose history contradicts itself or the map: an unmapped status, recordings that disagree, a delivery undone, several moves booked in one sitting, or moves of one day of which some have a time and some have none, so that the order of the list decides.
create macro doubt(as_of) as table
    with odd as (
        select stream, item, 'unmapped status' as what,
               format('"{}" is not in stages.yaml', status) as detail
        from stage_visit where part = 'unmapped' and entered_at <= as_of::timestamptz
        union all
        select stream, item, 'recordings disagree',
               format('{} moved it out of "{}", but it was last known in "{}"', source, value, was)
        from stage_event where kind = 'status' and opening and was is not null
            and since <= as_of::timestamptz
        union all
        select stream, item, 'reopened after delivery', format('left "{}" again', was_status)
        from (select *, lag(part) over history as was_part, lag(status) over history as was_status
              from stage_visit window history as (partition by stream, item order by visit_no))
        where was_part = 'done' and part <> 'done' and entered_at <= as_of::timestamptz
        union all
        select visit.stream, visit.item, 'booked in one sitting',
               format('{} moves recorded within the same day', count(*))
        from stage_visit as visit join stream using (stream)
        where visit_no > 1 and entered_at <= as_of::timestamptz
        group by visit.stream, visit.item, local_day(time_zone, entered_at) having count(*) > 1
        union all
        select event.stream, event.item, 'a day beside times',
               format('{} moves on {}, some without a time', count(*),
                      day_said(any_value(timezone(time_zone, since))))
        from stage_event as event join stream using (stream)
        where kind = 'status' and precision in ('day', 'exact') and since <= as_of::timestamptz
        group by event.stream, event.item, local_day(time_zone, since)
        having count(distinct precision) > 1
    )
    select odd.stream, odd.item, coalesce(known.name, odd.item) as name, known.link, odd.what,
           odd.detail
    from odd left join item_detail as known using (stream, item)
    order by odd.stream, odd.what, odd.item, odd.detail;
