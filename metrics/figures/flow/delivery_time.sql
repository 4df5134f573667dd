-- Delivery time: for each delivered item, days from first entering the stream to its last delivery; reopening does not restart the clock.
-- lead_days: from first entry to last delivery
-- at_least: there before the data begins, so it took at least so long
create macro delivery_time(as_of) as table
    select spell.stream, item.item, item.name, item.link,
           first_at as first_entered_at, entered_at as delivered_at,
           in_days(entered_us - first_us) as lead_days, first_at_least or at_least as at_least
    from spell join item using (item_no)
    where place = 'done' and is_open_at(entered_at, left_at, as_of)
    order by spell.stream, delivered_at, item_no;
