-- Process count: how many processes are in each state that any of them is in, the worst state first.
create macro process_count(as_of) as table
    with judged as (
        select if(unjudged = '', run.state, 'grey') as colour from process_now(as_of)
    )
    select colour, state_word(colour) as state_word, count(*) as processes
    from judged group by colour order by worst_first(colour);
