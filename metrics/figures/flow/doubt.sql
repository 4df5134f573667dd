-- Doubt: items whose history contradicts itself or the map: an unmapped status, recordings that disagree, a delivery undone, several moves booked in one sitting, or moves of one day of which some have a time and some have none, so that the order of the list decides.
create macro doubt(as_of) as table
    with odd as (
        select item_no, 'unmapped status' as what,
               format('"{}" is not in stages.yaml', status) as detail
        from stage_visit where part = 'unmapped' and entered_at <= as_of::timestamptz
        union all
        select item_no, 'recordings disagree',
               format('{} moved it out of "{}", but it was last known in "{}"', source, value, was)
        from stage_event where kind = 'status' and opening and was is not null
            and since <= as_of::timestamptz
        union all
        select item_no, 'reopened after delivery', format('left "{}" again', was_status)
        from (select *, lag(part) over history as was_part, lag(status) over history as was_status
              from stage_visit window history as (partition by item_no order by visit_no))
        where was_part = 'done' and part <> 'done' and entered_at <= as_of::timestamptz
        union all
        select item_no, 'booked in one sitting',
               format('{} moves recorded within the same day', count(*))
        from stage_visit
        where visit_no > 1 and entered_at <= as_of::timestamptz
        group by item_no, entered_on having count(*) > 1
        union all
        select item_no, 'a day beside times',
               format('{} moves on {}, some without a time', count(*),
                      day_said(any_value(timezone(time_zone, since))))
        from stage_event as event join stream using (stream)
        where kind = 'status' and precision in ('day', 'exact') and since <= as_of::timestamptz
        group by item_no, local_day(time_zone, since)
        having count(distinct precision) > 1
    )
    select item.stream, item.item, item.name, item.link, odd.what, odd.detail
    from odd join item using (item_no)
    order by item.stream, odd.what, item_no, odd.detail;
