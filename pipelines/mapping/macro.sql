-- The words of the SQL that a mapping compiles to. Each takes text as landed and gives a typed value,
-- or null where the text is none: what is null though there was text becomes a finding.

-- Text with a month's name, English or French, whole or cut short, as year-month-day: Mar 3, 2026;
-- 3-Mar-26; 1er mars 2026; Jul 6/22. Each step uses its argument once: a macro is text, and what is
-- written twice is planned twice.
create or replace macro plain_letters(words) as
    replace(replace(lower(strip_accents(words)), 'juil', 'jul'), 'juin', 'jun');
create or replace macro day_first(words) as regexp_replace(words,
    '^(?:[a-z]+\.?,? +)?([a-z]{3})[a-z]*\.?[ -]*(\d{1,2})(?:st|nd|rd|th|er|e)?[ ,./''-]+(\d{4}|\d{2})(?: +\d{1,2}:.*)?$', '\3-\1-\2');
create or replace macro day_last(words) as regexp_replace(words,
    '^(?:[a-z]+\.?,? +)?(\d{1,2})(?:st|nd|rd|th|er|e)?[ ./-]*(?:de )?([a-z]{3})[a-z]*[ ,./''-]+(\d{4}|\d{2})(?: +\d{1,2}:.*)?$', '\3-\2-\1');
create or replace macro month_digits(words) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(words,
    '-jan-', '-01-'), '-feb-', '-02-'), '-fev-', '-02-'), '-mar-', '-03-'), '-apr-', '-04-'), '-avr-',
    '-04-'), '-may-', '-05-'), '-mai-', '-05-'), '-jun-', '-06-'), '-jul-', '-07-'), '-aug-', '-08-'),
    '-aou-', '-08-'), '-sep-', '-09-'), '-oct-', '-10-'), '-nov-', '-11-'), '-dec-', '-12-');

-- A date in any of the forms that exports use. date_order reads 03/04/2025: dmy, mdy or ymd. Two
-- digits of a year mean 1950 to 2049.
create or replace macro other_date(words, date_order) as try_cast(
    regexp_replace(regexp_replace(
    month_digits(day_first(day_last(
    regexp_replace(regexp_replace(regexp_replace(plain_letters(words),
        '^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[t ].*)?$', '\1-\2-\3'),
        '^((?:19|20)\d\d)(\d\d)(\d\d)$', '\1-\2-\3'),
        '^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: .*)?$',
        case date_order when 'dmy' then '\3-\2-\1' when 'mdy' then '\3-\1-\2' when 'ymd' then '\1-\2-\3' else '' end)))),
        '^([0-4]\d-\d{1,2}-\d{1,2})$', '20\1'),
        '^([5-9]\d-\d{1,2}-\d{1,2})$', '19\1') as date);
create or replace macro read_date(words, date_order) as case
    when regexp_full_match(words, '\d{4}-\d\d-\d\d') then try_cast(words as date)
    when regexp_full_match(words, '[1-6]\d{4}(\.\d+)?') then date '1899-12-30' + cast(floor(try_cast(words as double)) as integer)
    when words is not null then other_date(words, date_order) end;

-- A birth date may be known to the month or the year only: then it is the first day, and the
-- precision says so. An age is no date. The first of January 00 is a spreadsheet's zero, not 2000.
create or replace macro read_birth_date(words, date_order) as case
    when regexp_full_match(lower(words), '(jan[a-z]*\.?[ -]*0?1|0?1[ /.-]+(jan[a-z]*\.?|0?1))[ ,/.''-]+00|00-0?1-0?1') then date '1900-01-01'
    when regexp_full_match(words, '(19|20)\d{2}') then try_cast(concat(words, '-01-01') as date)
    when regexp_full_match(words, '(19|20)\d{2}-\d{1,2}') then try_cast(concat(words, '-01') as date)
    when regexp_full_match(words, '[^\d\s]{3,9}\.? (19|20)\d{2}') then read_date(concat('1 ', words), date_order)
    else read_date(words, date_order) end;
create or replace macro is_age(words) as
    regexp_full_match(lower(words), '(age|aged|âge|âgé|âgée)?:? *~?\d{1,2}(\.5)? *(y|yr|yrs|y/o|yo|year|years|ans|an|mois|mo|mos|months?)?\.?( old)?');
create or replace macro birth_date_precision(words, date_order) as case
    when is_age(words) then 'age'
    when read_birth_date(words, date_order) is null then null
    when regexp_full_match(words, '\d{4}') then 'year'
    when regexp_full_match(words, '\d{4}-\d{1,2}|[^\d\s]{3,9}\.? \d{4}') then 'month'
    else 'day' end;

-- A number with a decimal point or, where a decimal comma ends it, a comma; blanks group thousands. What
-- the engine would read as nan or infinity is no number: one of them spoils every sum.
create or replace macro read_number(words) as nullif(nullif(try_cast(case
    when not regexp_matches(words, '[0-9]') then null
    when regexp_full_match(words, '-?[0-9 \x{00a0}]*,\d{1,2}') then replace(regexp_replace(words, '[ \x{00a0}]', '', 'g'), ',', '.')
    else regexp_replace(words, '[, $\x{00a0}]', '', 'g') end as double), 'infinity'), '-infinity');

create or replace macro read_flag(words) as case
    when lower(words) in ('yes', 'y', 'oui', 'o', 'true', 'vrai', '1', 'x') then true
    when lower(words) in ('no', 'n', 'non', 'false', 'faux', '0') then false end;

-- Text without the control characters that some exports carry; line breaks and tabs stay.
create or replace macro read_text(words) as
    nullif(trim(regexp_replace(words, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]', '', 'g')), '');

-- How spellings of a municipality are compared: Town of X, X Ont., S. X Twp.
create or replace macro place_key(words) as
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        trim(regexp_replace(lower(strip_accents(words)), '[^a-z0-9]+', ' ', 'g')),
        '^((the )?(corporation|town|city|township|village|municipality|county|united counties|ville|canton|municipalite|comte) (of|de|d|des|du) (the )?)+|( (township|twp|tp|town|city|ontario|ont|on|canada))+$', '', 'g'),
        '^s ', 'south '), '^n ', 'north '), '^c ', 'central ');
