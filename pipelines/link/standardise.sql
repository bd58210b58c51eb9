-- What people write, in one spelling, so that equal means equal. Each word takes text and gives null
-- where there is none or where it only stands in for one (placeholder.csv). Pure: nothing but the
-- text counts. A step uses its argument once, for a macro is text and what is written twice is planned
-- twice; where a value is needed twice, a lambda over a list of one names it.

-- Lower case without accents, blanks and dashes of one kind, at most a hundred characters. Text of plain ASCII skips the slow part.
create or replace macro link_plain(words) as case
    when strlen(words) = length(words) then lower(left(words, 100))
    else translate(replace(replace(replace(replace(
        regexp_replace(regexp_replace(lower(strip_accents(left(words, 100))), '[\pZ\s]+', ' ', 'g'), '\p{Pd}', '-', 'g'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), 'øłđðıħ’‘ʼʻ`´', 'olddih''''''''''''') end;

-- NA, n/a, NaN as machines write them. "Na" is a common Korean and Chinese name and "Nan" an English
-- one, so only the capitals that R, spreadsheets and pandas write for a missing value, and n/a with its
-- stroke, are taken for none: a name lost cannot be compared, a placeholder kept is only a frequent value.
create or replace macro link_stated(words) as case when not regexp_full_match(words, placeholder_raw()) then words end;

-- Given names as words with one blank between: hyphens inside a name vanish (Jean-Luc is jeanluc) or,
-- with a blank as dash, part it. Titles before and junior or senior behind are no names.
create or replace macro link_given_words(words, dash) as
    nullif(regexp_replace(
        case when regexp_full_match(words, '[A-Za-z]{1,100}') then lower(link_stated(words))
        else regexp_replace(trim(regexp_replace(regexp_replace(regexp_replace(link_plain(link_stated(words)),
            ' *-+ *', dash, 'g'),
            '[.''0-9\pM]+', '', 'g'),
            '[^\p{Ll}\p{Lo}]+', ' ', 'g')),
            '^(?:(?:mr|mrs|ms|miss|dr|mme|mlle) )+|(?: (?:jr|sr|ii|iii|iv))+$', '', 'g') end,
        placeholder_given(), ''), '');

-- The first given name; the others, one blank between; the parts of all, hyphens parting them too.
create or replace macro link_given(words) as
    nullif(regexp_replace(split_part(link_given_words(words, ''), ' ', 1), placeholder_given(), ''), '');
create or replace macro link_given_rest(words) as case when not regexp_full_match(words, '[A-Za-z-]+') then
    list_transform([link_given_words(words, '')], lambda names: case when contains(names, ' ') then substr(names, strpos(names, ' ') + 1) end)[1] end;
create or replace macro link_given_parts(words) as string_split(link_given_words(words, ' '), ' ');

-- A surname. St, Ste, Saint and Sainte are st and ste, Mac is Mc, however they are written.
create or replace macro link_one_surname(words) as
    regexp_replace(regexp_replace(words, '^saint(e?[^ ]{2,})$', 'st\1'), '^mac([^h ][^ ]{2,})$', 'mc\1');
create or replace macro link_family_text(words) as
    regexp_replace(regexp_replace(link_plain(link_stated(words)),
        '[ ,]+(?:jr|sr|ii|iii|iv)\.? *$', ''),
        '^(?:mr|mrs|ms|miss|dr|mme|mlle)\.? +', '');
create or replace macro link_family(words) as
    nullif(link_one_surname(regexp_replace(
        case when regexp_full_match(words, '[A-Za-z]{1,100}') then lower(link_stated(words))
        else regexp_replace(regexp_replace(regexp_replace(link_family_text(words),
            '\([^)]*\)| nee .*$', '', 'g'),
            '(^|[ -])saint(e?)[ .-]', '\1st\2 ', 'g'),
            '[^\p{Ll}\p{Lo}]+', '', 'g') end,
        placeholder_family(), '')), '');

-- The parts of a surname without its particles. A particle stands before a name: the last part is
-- never one (Le, Van and Do are surnames too), and what belongs to the next part is joined to it.
create or replace macro link_family_parts(words) as
    case when regexp_full_match(words, '[A-Za-z]{1,100}') then nullif([link_family(words)], [null])
    else list_transform([string_split(
        regexp_replace(regexp_replace(regexp_replace(regexp_replace(trim(regexp_replace(regexp_replace(
            link_family_text(words),
            '['']+', '', 'g'),
            '[^\p{Ll}\p{Lo}]+', ' ', 'g')),
            '(^| )saint(e?) ', '\1st\2 ', 'g'),
            '(^| )(st|ste|mac|mc|o|fitz) ', '\1\2', 'g'),
            '(^| )(?:(?:de|d|la|le|les|du|des|van|von|vander|der|den|ter|ten|zu|di|del|della|da|dal|das|do|dos|dela|delas|delos|y|e|et|and|bin|bint|ibn|ben|al|el|ul|nee|born) )+', '\1', 'g'),
            '  +', ' ', 'g'), ' ')],
        lambda parts: case when not regexp_full_match(array_to_string(parts, ''), placeholder_family() || '|') then
            list_transform(parts, lambda part: link_one_surname(part)) end)[1] end;

-- A whole name in its parts, as written: Family, Given Middle or Given Middle Family. One word alone is
-- a given name. Particles before the last word, or behind the comma's given names, belong to the family name.
create or replace macro link_full_name(words) as
    list_transform([trim(regexp_replace(regexp_replace(regexp_replace(
        case when regexp_matches(link_stated(words), '\pL') then left(words, 200) end,
        '[\s\pZ]+', ' ', 'g'),
        '(?i)[ ,]+(?:jr|sr|ii|iii|iv)\b\.?', ''),
        '(?i)^ *(?:(?:mr|mrs|ms|miss|dr|mme|mlle)\.? +)+', ''), ' ,')],
        lambda whole: list_transform([case
            when whole is null then null
            when contains(whole, ',') then regexp_extract(whole,
                '(?i)^ *([^,]*?) *,[ ,]*([^ ,]*)(?: (.*?))??((?: (?:de|d''|la|le|du|des|van|von|der|den|di|del|della|da|das|do|dos|bin|bint|ibn|al|el))*)$',
                ['family', 'given', 'middle', 'particle'])
            else regexp_extract(whole,
                '(?i)^([^ ]+)(?: (.+?))??(?: ((?:(?:de|la|le|du|des|van|von|der|den|ter|di|del|della|da|das|do|dos|bin|bint|ibn|al|el|st\.?|ste\.?|saint|sainte|mac|mc|o'') )*)([^ ]+))?$',
                ['given', 'middle', 'particle', 'family']) end],
            lambda part: case when part is not null then {
                'given': nullif(part.given, ''),
                'middle': nullif(trim(part.middle), ''),
                'family': nullif(trim(trim(part.particle) || ' ' || part.family), '')} end)[1])[1];

-- A date with a year of four digits that can be read in one way only: 03/04/2025 is none. Years
-- before 1905 and after 2099 are what systems write for a date that nobody knew; link_date_any_year
-- keeps the former, for files of people long dead.
create or replace macro link_month_digits(words) as
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(words,
    '-jan-', '-01-'), '-feb-', '-02-'), '-fev-', '-02-'), '-mar-', '-03-'), '-apr-', '-04-'), '-avr-', '-04-'),
    '-may-', '-05-'), '-mai-', '-05-'), '-jun-', '-06-'), '-jul-', '-07-'), '-aug-', '-08-'), '-aou-', '-08-'),
    '-sep-', '-09-'), '-oct-', '-10-'), '-nov-', '-11-'), '-dec-', '-12-');
create or replace macro link_month_words(words) as
    link_month_digits(regexp_replace(regexp_replace(
        replace(replace(words, 'juil', 'jul'), 'juin', 'jun'),
        '^(?:[a-z]{3,9}[., ]+)?([a-z]{3})[a-z]*[-., /]+(\d{1,2})(?:st|nd|rd|th|er|e)?[-., /]+(\d{4})$', '\3-\1-\2'),
        '^(?:[a-z]{3,9}[., ]+)?(?:le )?(\d{1,2})(?:st|nd|rd|th|er|e)?[-., /]*(?:of |de )?([a-z]{3})[a-z]*[-., /]*(\d{4})$', '\3-\2-\1'));
create or replace macro link_one_reading(words) as
    list_transform([regexp_extract(words,
        '^(?:(\d{4})[-/. ]?(\d\d?)[-/. ]?(\d\d?)|(\d\d?)[-/. ](\d\d?)[-/. ](\d{4}))$', ['year', 'month', 'day', 'one', 'two', 'last'])],
        lambda part: case
            when part.year <> '' then part.year || '-' || part.month || '-' || part.day
            when try_cast(part.one as integer) > 12 or try_cast(part.one as integer) = try_cast(part.two as integer) then part.last || '-' || part.two || '-' || part.one
            when try_cast(part.two as integer) > 12 then part.last || '-' || part.one || '-' || part.two end)[1];
create or replace macro link_date_any_year(words) as
    list_transform([case
        when regexp_full_match(words, '\d{4}-\d\d-\d\d(?:[ T].*)?') then try_cast(left(words, 10) as date)
        else try_cast(link_one_reading(regexp_replace(
            case when regexp_matches(words, '\pL{3}') then link_month_words(regexp_replace(trim(link_plain(words)), '[ t]+\d{1,2}:.*$', ''))
            else trim(words) end, '[ T]+\d{1,2}:.*$', '')) as date) end],
        lambda day: case when year(day) < 2100 and not regexp_full_match(day::varchar, placeholder_date()) then day end)[1];
create or replace macro link_date(words) as
    list_transform([link_date_any_year(words)], lambda day: case when year(day) >= 1905 then day end)[1];

-- F, M or X (another), from words and codes in English and French; 1, 2 and 3 as ISO 5218 and Statistics Canada have them.
create or replace macro link_sex(words) as case
    when regexp_full_match(words, '[ ]*(?i:f|w|2)[ .]*') then 'F'
    when regexp_full_match(words, '[ ]*(?i:m|h|1)[ .]*') then 'M'
    else list_transform([regexp_replace(link_plain(words), '[^a-z]+', '', 'g')], lambda word: case
        when regexp_full_match(word, 'f?(?:female|fem|feminine?|femelle)|(?:f?(?:girl|woman|fille|femme)){1,2}') then 'F'
        when regexp_full_match(word, 'm?(?:male|masc|masculine?)|(?:m?(?:boy|man|garcon|homme)){1,2}') then 'M'
        when regexp_full_match(word, 'x|o|nb|enby|another|anothergender|other|othergender|autre|autregenre|xother|xautre|x?nonbinary?|x?nonbinaire|gender(?:diverse|queer|fluid)|intersexe?d?|twospirit(?:ed)?|bispirituel(?:le)?|indeterminate|agender') then 'X'
        end)[1] end;

-- Ten digits, or the last seven where the area code is missing, of the first number in the text. An
-- area code never begins with 0 or 1, so a leading 1 is the country's.
create or replace macro link_phone(words) as nullif(list_transform([regexp_extract(words,
    '^[^0-9]*(?:0{3}|9{3}|(?:(?:001|011|1)?[^0-9]*([2-9]\d\d)))?[^0-9]{0,3}(\d{3})[^0-9]{0,3}(\d{4})(?:[^0-9].*)?$', ['area', 'exchange', 'line'])],
    lambda part: case when not regexp_full_match(part.exchange || part.line, placeholder_phone()) then part.area || part.exchange || part.line end)[1], '');

-- An e-mail address (at most 254 characters, RFC 5321) without what stands behind a plus sign.
create or replace macro link_email(words) as case when contains(words, '@') and length(words) <= 254 then
    nullif(regexp_replace(regexp_replace(
        case when regexp_full_match(words, '[a-z0-9._-]+@[a-z0-9-]+\.[a-z0-9]+') then words else regexp_extract(lower(words),
        '[^\s@<>(),:;"\[\]]+@[^\s@<>(),:;"\[\]]+\.[^\s@<>(),:;"\[\].]+') end,
        '^([^+@]+)\+[^@]*@', '\1@'),
        placeholder_email(), ''), '') end;

-- A postal code. In a Canadian one letters and digits take turns, so O and 0, I, L and 1 are told
-- apart by their place; it begins with a letter, so codes of digits are left alone.
create or replace macro link_postal(words) as
    nullif(list_transform([case
        when regexp_full_match(words, '[A-Z]\d[A-Z] \d[A-Z]\d') then replace(words, ' ', '')
        else regexp_replace(upper(strip_accents(left(words, 20))), '[^A-Z0-9]+', '', 'g') end], lambda code: case
        when length(code) not between 3 and 10 or regexp_full_match(code, placeholder_postal()) then null
        when regexp_full_match(code, '(?:[A-Z]\d){3}') then code
        when regexp_full_match(code, '[A-Z][0-9OIL][A-Z01][0-9OIL][A-Z01][0-9OIL]') then nullif(regexp_replace(
            code[1] || translate(code[2], 'OIL', '011') || translate(code[3], '01', 'OI') || translate(code[4], 'OIL', '011')
                || translate(code[5], '01', 'OI') || translate(code[6], 'OIL', '011'),
            '^' || placeholder_postal() || '$', ''), '')
        else code end)[1], '');

-- An address in parts: the unit, whatever it is called and wherever it stands (4-120 Main, Apt 4), the
-- civic number with its letter, and the street up to the next comma. What numbers alone would name
-- keeps its kind: rr3, box12, hwy7, road8, con4. A box or rural route before a civic address goes behind it.
-- In a list of one the engine sees that number, unit and street ask for the same thing, and makes it once.
create or replace macro link_address_part(words) as [case
    when regexp_full_match(words, '\d{1,6} [A-Za-z]{3,40}(?: [A-Za-z]{2,40})?') then {
        'unit': '', 'number': split_part(words, ' ', 1), 'letter': '', 'apart': '', 'street': lower(substr(words, strpos(words, ' ') + 1))}
    when regexp_full_match(words, '\d{1,5}-\d{1,6} [A-Za-z]{3,40}(?: [A-Za-z]{2,40})?') then {
        'unit': split_part(words, '-', 1), 'number': split_part(split_part(words, ' ', 1), '-', 2), 'letter': '', 'apart': '', 'street': lower(substr(words, strpos(words, ' ') + 1))}
    else regexp_extract(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        link_plain(link_stated(words)),
        '[''.]+', '', 'g'),
        '[^\p{Ll}\p{Lo}0-9,#-]+', ' ', 'g'),
        '\b(?:r ?r|rural route|route rurale) *(?:no )?[#-]? *(\d+)', 'rr\1', 'g'),
        '\b(?:p ?o ?(?:box)?|postal box|box|b ?p|c ?p|case postale|boite postale|casier postal) *(?:no )?#? *(\d+)', 'box\1', 'g'),
        '\b(?:(highway|hwy|autoroute)|(?:county |cty |regional |reg |township |twp )?(road|rd)|(con)c?(?:ession)? ?(?:road|rd|line)?) *#? *(\d+)', '\1\2\3\4', 'g'),
        '^(.*?)[ ,]*(?:\b(?:apartment|appartement|apt|appt|app|unite|unit|suite|ste|bureau|porte|room|rm)\b|\b(?:apt|app|unit)|#) *(?:no |number )?#? *([0-9]+ ?-?[a-z]?|[a-z][0-9]*)\b[ ,]*', '\2 - \1, '),
        '^[ ,]+|  +| *,[ ,]*$', ' ', 'g'),
        '^ *(\d+)-([a-z]\b)', '\1\2'),
        '^ *((?:box|rr)\d+)[ ,]+((?:[0-9a-z]+ ?-)?[ ,]*\d+[a-z]? .*)$', '\2, \1'),
    '^(?:[ ,]*([0-9]{1,5} ?-?[a-z]?|[a-z][0-9]*) *-)?[ ,]*(?:(\d+)(?:([a-z])| ([a-df-mpqrt-vxyz]))?(?: 1 2)?(?:[ ,]|$))?[ ,]*([^,]*)',
    ['unit', 'number', 'letter', 'apart', 'street']) end][1];
create or replace macro link_number_of(part) as nullif(ltrim(part.number, '0'), '');
create or replace macro link_unit_of(part) as nullif(ltrim(translate(part.unit || part.letter || part.apart, ' -', ''), '0'), '');
create or replace macro link_street_number(words) as link_number_of(link_address_part(words));
create or replace macro link_unit(words) as link_unit_of(link_address_part(words));

-- Kinds of street that are one only behind a name: St, Way and Place begin names too.
create or replace macro street_kind() as
    'st|rue|av|dr|cr|crct|ct|place|pl|boul|circle|cir|circ|circuit|cct|terrace|terr|ter|trail|trl|tr|way|parkway|pkwy|pky|square|sq|gate|grove|grv|heights|hts|close|row|mews|path|walk|line|sideroad|chemin|ch|croissant|route|rang|promenade|prom|loop|glade|private|pvt';

-- The street without its type and direction, in one spelling: Main St E, Main and rue Main are main.
create or replace macro link_street_of(street) as nullif(list_transform([regexp_replace(replace(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        trim(regexp_replace(street, '[ #-]+', ' ', 'g')),
        '^((?:rr|box)\d+) .*$| (?:rr|box)\d.*$', '\1'),
        '^(?:rue|chemin|ch|boulevard|boul|blvd|avenue|ave|av|allee|impasse|montee|cote|promenade|croissant|route|rte|ruelle|rang) (?:(?:de la|de l|des|de|du|d|la|les) )?|^(?:de la|de l|des|de|du|d|la|les|the) ', ''),
        ' (?:street|road|rd|avenue|ave|drive|crescent|cres|boulevard|blvd|lane|ln|court|crt)(?: .*)?$'
            || '|(?: (?:' || street_kind() || '))?(?: (?:n|s|e|w|o|ne|nw|se|sw|no|so|north|south|east|west|nord|sud|est|ouest))$| (?:' || street_kind() || ')$', ''),
        '^(?:n|s|e|w|o|north|south|east|west|nord|sud|est|ouest) ([^ ]{2}.*)$', '\1'),
        '\b(?:sainte?|ste) ', 'st '),
        ' ', ''),
        '^(\d+)(?:st|nd|rd|th|e|er|re|eme|ieme)$', '\1')],
    lambda name: case name
        when 'first' then '1' when 'second' then '2' when 'third' then '3' when 'fourth' then '4' when 'fifth' then '5'
        when 'sixth' then '6' when 'seventh' then '7' when 'eighth' then '8' when 'ninth' then '9' when 'tenth' then '10'
        when 'posterestante' then 'generaldelivery'
        else regexp_replace(regexp_replace(regexp_replace(name, '^rd(\d)', 'road\1'), '^highway(\d)', 'hwy\1'), placeholder_street(), '') end)[1], '');

create or replace macro link_street_name(words) as link_street_of(link_address_part(words).street);

-- A place: Town of X, X Ont., S. X Twp. and X Township are one.
create or replace macro link_city(words) as nullif(regexp_replace(
    case when regexp_full_match(words, '[A-Za-z]{1,100}') then lower(link_stated(words))
    else replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(trim(regexp_replace(link_plain(link_stated(words)),
        '[^\p{Ll}\p{Lo}]+', ' ', 'g')),
        '^(?:(?:the )?(?:corporation|town|city|township|village|municipality|county|united counties|ville|canton|municipalite|comte|paroisse) (?:of|de|d|des|du) (?:the )?)+|(?: (?:township|twp|tp|town|city|county|ontario|ont|on|quebec|qc|canada|ca))+$', '', 'g'),
        '(^| )(?:sainte?|ste) ', '\1st', 'g'),
        '^s ', 'south'),
        '^n ', 'north'),
        '^c ', 'central'),
        ' ', '') end,
    placeholder_city(), ''), '');

-- Twice the last digit, its own digits added.
create or replace macro link_doubled(n) as n % 10 * 2 // 10 + n % 10 * 2 % 10;

-- An Ontario health number: ten digits, the last of which checks the others (Luhn), without its version.
create or replace macro link_health_number(words) as list_transform(
    [try_cast(case when regexp_full_match(words, '\d{10}') then words
        else regexp_extract(regexp_replace(words, '[\s-]+', '', 'g'), '^(\d{10})[A-Za-z]{0,2}$', 1) end as bigint)],
    lambda n: case when n % 1111111111 <> 0 and (
        n % 10 + link_doubled(n // 10) + n // 100 % 10 + link_doubled(n // 1000) + n // 10000 % 10 + link_doubled(n // 100000)
        + n // 1000000 % 10 + link_doubled(n // 10000000) + n // 100000000 % 10 + link_doubled(n // 1000000000)) % 10 = 0
    then lpad(n::varchar, 10, '0') end)[1];

-- Whether two lists of a nickname's roots share one.
create or replace macro link_share_root(roots, other_roots) as list_has_any(roots, other_roots);

-- The consonants of a name by how they sound, after its first sound (after Soundex, Russell 1918, with
-- the French and Slavic spellings of one sound together).
create or replace macro link_sound(name) as
    left(name, 1) || replace(replace(replace(replace(replace(replace(replace(translate(
            replace(replace(replace(replace(replace(substr(name, 2), 'ph', 'f'), 'ck', 'k'), 'sch', 's'), 'gn', 'n'), 'th', 't'),
            'bpfvcgjkqsxzdtlmnraeiouyhw', '11112222222233455600000000'), '11', '1'), '22', '2'), '33', '3'), '44', '4'), '55', '5'), '66', '6'), '0', '');
