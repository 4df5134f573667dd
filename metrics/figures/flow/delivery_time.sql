-- Delivery time: for each delivered item, days from first entering the stream to its last delivery; reopening does not restart the clock.
-- lead_days: from first entry to last delivery
-- at_least: there before the data begins, so it took at least so long
create macro delivery_time(as_of) as table
    select stream, item, coalesce(name, item) as name, link, first_entered_at,
           entered_at as delivered_at, in_days(entered_us - first_us) as lead_days,
           at_least or visit_at_least as at_least
    -- Delivered before the data begins: how long it took can't be known.
    from item_at(as_of) where part = 'done' and not (visit_no = 1 and visit_at_least)
    order by stream, delivered_at, item;
