package link

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/warehouse"
)

var (
	// ErrNoColumn means that a column was asked for that the file or the program does not know.
	ErrNoColumn = errors.New("no such column")
	// ErrNoTable means that the file holds no people that could be read.
	ErrNoTable = errors.New("no table of people")
)

// People is what Load found in a file.
type People struct {
	Records int `json:"records"`
	// Columns are the words that the file fills, in the order of Words.
	Columns []Column `json:"columns"`
	// Unused are the headings that feed nothing.
	Unused []string `json:"unused"`
	// Repeated is how many records have an id that another has too; each is one record all the same.
	Repeated int  `json:"repeated_ids"`
	HasTruth bool `json:"-"`
}

// Column says which headings feed a word, and how many records then have a value.
type Column struct {
	Word     string   `json:"word"`
	Headings []string `json:"headings"`
	Filled   int      `json:"filled"`
}

// known are our words for what a people file holds, each with the headings that are taken for it, best first:
// lower case, without accents, anything else than letters and digits an underscore.
var known = []struct{ word, headings string }{
	{"id", "id rec_id record_id unique_id row_id client_local_id client_id person_id patient_id case_id file_number client_number record_number no_dossier numero_dossier identifiant numero_client"},
	{"source", "source agency provider organisation organization site source_dataset source_system agence organisme fournisseur"},
	{"name", "full_name child_name client_name name nom_complet prenom_nom nom_prenom"},
	{"given", "given_name first_name given firstname givenname forename fname fname_c1 prenom prenoms prenom_usuel preferred_name known_as"},
	{"middle", "middle_name middle_names middlename middle second_name other_names fname_c2 mname deuxieme_prenom autres_prenoms second_prenom"},
	{"family", "family_name surname last_name lastname family lname lname_c1 lname_c2 nom_famille nom_de_famille nom second_surname family_name_at_birth birth_name maiden_name nom_naissance nom_de_naissance"},
	{"birth", "birth_date date_of_birth dob birthdate birth_dt birthday date_birth date_naissance date_de_naissance ddn naissance"},
	{"birth_year", "birth_year year_of_birth yob by annee_naissance annee_de_naissance"},
	{"birth_month", "birth_month month_of_birth mob bm mois_naissance mois_de_naissance"},
	{"birth_day", "birth_day day_of_birth bd jour_naissance jour_de_naissance"},
	{"sex", "sex gender sexe genre sex_code gender_code"},
	{"postal", "postal_code postcode postalcode postal zip zip_code zipcode code_postal cp"},
	{"street", "street_address address address_1 address1 address_line_1 street street_name home_address adresse rue adresse_1 nom_rue"},
	{"street_number", "street_number civic_number house_number street_no no_civique numero_civique numero_rue"},
	{"city", "city municipality town suburb locality ville municipalite localite"},
	{"phone", "phone phone_number telephone tel home_phone cell_phone mobile cell mobile_phone phone_1 phone_2 phone1 phone2 no_telephone numero_telephone courriel_telephone cellulaire telephone_domicile"},
	{"email", "email e_mail email_address mail courriel adresse_courriel"},
	{"caregiver", "caregiver_name caregiver parent_name parent guardian guardian_name mother_name father_name parent_1 parent_2 parent1_name parent2_name nom_parent parent_tuteur tuteur mere pere"},
	{"caregiver_phone", "caregiver_phone parent_phone guardian_phone telephone_parent tel_parent"},
	{"number", "health_number health_card health_card_number healthcard hcn ohip ohip_number soc_sec_id ssn sin oen numero_carte_sante carte_sante nam no_assurance_maladie"},
	{"truth", ""},
}

// single are the words that one heading feeds: a second one would be another thing.
var single = []string{"id", "source", "truth"}

// Words are the words that a column of a file may be named for, in the order in which they are shown.
func Words() []string {
	out := make([]string, len(known))
	for i, w := range known {
		out[i] = w.word
	}
	return out
}

// Load reads a CSV or Parquet file into memory.person, standardised, and memory.person_source (node, id,
// truth). Nodes are the file's rows in their order, the first of them `first`; an id that repeats, or is missing, has #row
// behind it. columns names the headings of a word, several with | between; what is not named is
// recognised by its heading, truth never. db must be allowed to read the file's folder (warehouse.Scratch).
func Load(ctx context.Context, db *warehouse.DB, file string, columns map[string]string, first int) (*People, error) {
	p, err := load(ctx, db, file, columns, first)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return p, nil
}

func load(ctx context.Context, db *warehouse.DB, file string, columns map[string]string, first int) (*People, error) {
	if err := Standardise(ctx, db); err != nil {
		return nil, err
	}
	for _, s := range strings.Split(birthSQL, ";\n") {
		if err := db.Exec(ctx, s); err != nil {
			return nil, err
		}
	}
	rows, err := open(ctx, db, file)
	if err != nil {
		return nil, err
	}
	p, heads, err := recognise(ctx, db, rows, columns)
	if err != nil {
		return nil, err
	}
	order, err := dateOrder(ctx, db, rows, heads["birth"])
	if err != nil {
		return nil, err
	}
	do, after := personSQL(rows, heads, order, first)
	for _, s := range slices.Concat(do, []string{sourceSQL(rows, heads, first), "drop table if exists file_row"}, after) {
		if err := db.Exec(ctx, s); err != nil {
			return nil, err
		}
	}
	return p, p.count(ctx, db)
}

// open makes the file's rows ready to be asked: a relation in SQL with its columns as text and the row's
// number from 0 in file_row_number.
func open(ctx context.Context, db *warehouse.DB, file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", tributary.Fix(fmt.Errorf("%w: %w", ErrNoTable, err), "name a file that is there and that you may read")
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", tributary.Fix(fmt.Errorf("%w: %w", ErrNoTable, err), "name a CSV or Parquet file")
	}
	head = head[:n]
	path := warehouse.Text(strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(file))
	isWide := bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff})
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		return "", tributary.Fix(fmt.Errorf("%w: the file is empty", ErrNoTable), "export it again")
	case bytes.HasPrefix(head, []byte("PAR1")):
		rows := "read_parquet(" + path + ", file_row_number = true)"
		if err := db.Exec(ctx, "select count(*) from "+rows); err != nil {
			return "", tributary.Fix(fmt.Errorf("%w: it begins like Parquet and does not go on like it", ErrNoTable), "export it again")
		}
		return rows, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "", tributary.Fix(fmt.Errorf("%w: it is a workbook or an archive", ErrNoTable), "save the sheet as CSV UTF-8")
	case bytes.IndexByte(head, 0) >= 0 && !isWide:
		return "", tributary.Fix(fmt.Errorf("%w: it is neither CSV nor Parquet", ErrNoTable), "export the people as CSV")
	}
	const buffer = 8 << 20 // bytes: room for the longest line, and little of the memory
	encodings := []string{"utf-8", "latin-1"}
	if isWide {
		encodings = []string{"utf-16"}
	}
	for _, encoding := range encodings {
		// One thread reads, so that rows come in their order.
		if err = db.Exec(ctx, fmt.Sprintf(`create or replace table file_row as
select *, row_number() over () - 1 as file_row_number
from read_csv(%s, all_varchar = true, header = true, quote = '"', escape = '"', strict_mode = false, null_padding = true, parallel = false, buffer_size = %d, encoding = '%s')`, path, buffer, encoding)); err == nil {
			return "file_row", nil
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "CSV Error") && !strings.Contains(err.Error(), "Invalid") {
			return "", err
		}
	}
	return "", tableFault(err)
}

var csvLine = regexp.MustCompile(`(?i)line:? (\d+)`)

// tableFault says where a file breaks off being a table, without the engine's own words: they quote the row.
func tableFault(err error) error {
	where := ""
	if m := csvLine.FindStringSubmatch(err.Error()); m != nil {
		where = ": line " + m[1] + " has another form than those before it"
	}
	return tributary.Fix(fmt.Errorf("%w: the file is no CSV%s", ErrNoTable, where), "look at the quotes and the number of columns there, or export it again as CSV UTF-8")
}

// recognise says which columns of the file feed which word: those that were named, and by their heading.
func recognise(ctx context.Context, db *warehouse.DB, rows string, columns map[string]string) (*People, map[string][]string, error) {
	headings, err := headings(ctx, db, rows)
	if err != nil {
		return nil, nil, err
	}
	heads, used, faults := map[string][]string{}, map[string]bool{}, []error(nil)
	for word := range columns {
		if !slices.Contains(Words(), word) {
			faults = append(faults, missing(word, Words(), "the program knows no column %q", "write one of: "+strings.Join(Words(), ", ")))
		}
	}
	for _, w := range known {
		if columns[w.word] == "" {
			continue
		}
		for h := range strings.SplitSeq(columns[w.word], "|") {
			at := slices.IndexFunc(headings, func(x string) bool { return strings.TrimSpace(x) == strings.TrimSpace(h) })
			if at < 0 {
				faults = append(faults, missing(h, headings, "the file has no column %q", "its columns are: "+strings.Join(headings, ", ")))
				continue
			}
			heads[w.word], used[headings[at]] = append(heads[w.word], headings[at]), true
		}
	}
	if faults != nil {
		slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return nil, nil, errors.Join(faults...)
	}
	for _, w := range known {
		if columns[w.word] != "" {
			continue
		}
		for name := range strings.FieldsSeq(w.headings) {
			for _, h := range headings {
				if !used[h] && spelling(h) == name && (heads[w.word] == nil || !slices.Contains(single, w.word)) {
					heads[w.word], used[h] = append(heads[w.word], h), true
				}
			}
		}
	}
	if heads["given"] == nil && columns["family"] == "" && len(heads["family"]) == 1 && spelling(heads["family"][0]) == "nom" {
		heads["name"], heads["family"] = append(heads["name"], heads["family"]...), nil
	}
	if heads["given"] != nil && heads["family"] == nil && columns["name"] == "" {
		heads["family"], heads["name"] = heads["name"], nil
	}
	p := &People{HasTruth: heads["truth"] != nil}
	isAny := false
	for _, w := range known {
		if heads[w.word] != nil {
			p.Columns = append(p.Columns, Column{Word: w.word, Headings: heads[w.word]})
			isAny = isAny || !slices.Contains(single, w.word)
		}
	}
	for _, h := range headings {
		if !used[h] {
			p.Unused = append(p.Unused, h)
		}
	}
	if !isAny {
		return nil, nil, tributary.Fix(fmt.Errorf("%w: no heading is a name, a birth date or anything else that is compared", ErrNoTable),
			"name the columns, such as: --column given=HEADING --column family=HEADING --column birth=HEADING")
	}
	return p, heads, nil
}

func missing(word string, known []string, fact, fix string) error {
	if guess := config.Guess(word, known); guess != "" {
		fix = fmt.Sprintf("did you mean %q?", guess)
	}
	return tributary.Fix(fmt.Errorf("%w: "+fact, ErrNoColumn, word), fix)
}

// headings are the file's, in their order.
func headings(ctx context.Context, db *warehouse.DB, rows string) ([]string, error) {
	r, err := db.Query(ctx, "select * exclude (file_row_number) from "+rows+" limit 0")
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.Columns()
}

// whose is what people write before a heading to say whose it is: the child's.
var whose = regexp.MustCompile(`^(?:child|client|clients|participant|patient|person|youth|enfant|jeune)_(?:s_)?`)

// spelling is a heading in the form of the known ones.
func spelling(heading string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn))), heading)
	if err != nil {
		plain = heading
	}
	s := strings.Join(strings.FieldsFunc(strings.ToLower(plain), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "_")
	if s == "client_id" || s == "person_id" || s == "patient_id" || s == "client_number" || s == "client_local_id" || s == "child_id" || s == "child_name" || s == "client_name" {
		return s
	}
	return whose.ReplaceAllString(s, "")
}

// dateOrder says how 03/04/2025 is to be read, day or month first, by what the column's other dates leave no
// doubt about; empty where they say nothing, or both.
func dateOrder(ctx context.Context, db *warehouse.DB, rows string, heads []string) (string, error) {
	for _, h := range heads {
		var day, month int
		err := db.Scan(ctx, fmt.Sprintf(`select count(*) filter (where part[1] > 12), count(*) filter (where part[2] > 12)
from (select list_transform(regexp_split_to_array(left(%[1]s, 5), '[-/. ]+')[1:2], lambda x: try_cast(x as utinyint)) as part
    from %[2]s as file where regexp_matches(%[1]s, '^ *\d\d?[-/. ]\d\d?[-/. ]\d{4}'))`, column(h), rows), nil, &day, &month)
		switch {
		case err != nil:
			return "", err
		case day > 0 && month == 0:
			return "day", nil
		case month > 0 && day == 0:
			return "month", nil
		}
	}
	return "", nil
}

// birthSQL makes birth digits (yyyymmdd, yyyymm or yyyy) of a date as written. What is no day at all
// (31 June) is kept: it is a misspelt date, and near to the right one. What systems write for a date that
// nobody knew is none.
const birthSQL = `create or replace macro link_birth_shape(digits) as list_transform([digits], lambda d: case
    when d between '1000' and '2100' and not regexp_full_match(left(d, 4) || '-' || substr(d, 5, 2) || '-' || substr(d, 7, 2), placeholder_date()) then d end)[1];
create or replace macro link_birth(words, first) as list_transform([trim(words)], lambda w: case
    when regexp_full_match(w, '\d{4}-\d\d-\d\d(?:[ T].*)?') then replace(left(w, 10), '-', '')
    when regexp_full_match(w, '\d{8}|\d{4}') then w
    when regexp_full_match(w, '\d{4}[-/.]\d\d?') then left(w, 4) || lpad(substr(w, 6), 2, '0')
    when regexp_full_match(w, '\d\d?[-/. ]\d\d?[-/. ]\d{4}(?:[ T]+\d{1,2}:.*)?') then list_transform([regexp_extract(w, '^(\d\d?)[-/. ](\d\d?)[-/. ](\d{4})', ['one', 'two', 'year'])], lambda p: case
        when p.one = p.two or p.one::integer > 12 or p.two::integer <= 12 and first = 'day' then p.year || lpad(p.two, 2, '0') || lpad(p.one, 2, '0')
        when p.two::integer > 12 or first = 'month' then p.year || lpad(p.one, 2, '0') || lpad(p.two, 2, '0')
        else p.year end)[1]
    else strftime(link_date_any_year(w), '%Y%m%d') end)[1];
create or replace macro link_birth_parts(year, month, day) as case when year between 1000 and 2099 then year::varchar || case when month < 100 then
    lpad(month::varchar, 2, '0') || case when day < 100 then lpad(day::varchar, 2, '0') else '' end else '' end end;
create or replace macro link_number(words) as list_transform([regexp_replace(upper(words), '[^A-Z0-9]+', '', 'g')], lambda n:
    case when regexp_matches(n, '[0-9]') and length(n) between 4 and 40 and replace(n, left(n, 1), '') <> '' then n end)[1]`

func column(heading string) string {
	return `file."` + strings.ReplaceAll(heading, `"`, `""`) + `"::varchar`
}

// personSQL makes memory.person, what record.sql asks for, from the file's rows, and says what to drop
// after it. What many rows may share is taken apart once for each spelling, for that takes long.
func personSQL(rows string, heads map[string][]string, order string, firstNode int) (do, after []string) {
	// each is a macro over the columns of some words.
	each := func(macro string, words ...string) (out []string) {
		for _, w := range words {
			for _, h := range heads[w] {
				out = append(out, fmt.Sprintf(macro, column(h)))
			}
		}
		return out
	}
	first := func(of ...string) string {
		return "coalesce(" + strings.Join(append(of, "null", "null"), ", ") + ")::varchar"
	}
	list := func(of ...string) string {
		if len(of) == 0 {
			return "null::varchar[]"
		}
		l := "list_filter([" + strings.Join(of, ", ") + "], lambda x: x is not null)"
		if len(of) > 1 {
			l = "list_distinct(" + l + ")"
		}
		return l
	}
	from := rows + " as file"
	spell := func(table, as string, values ...string) (aliases []string) {
		if len(values) == 0 {
			return nil
		}
		var all []string
		for i, v := range values {
			alias := fmt.Sprintf("%s_%d", table, i)
			aliases = append(aliases, alias)
			all = append(all, "select "+v+" as words from "+rows+" as file")
			from += fmt.Sprintf("\nleft join %s as %s on %s.words = %s", table, alias, alias, v)
		}
		do = append(do, fmt.Sprintf("create or replace table %s as "+as, table, strings.Join(all, " union all ")))
		after = append(after, "drop table "+table)
		return aliases
	}
	of := func(aliases []string, macro string) (out []string) {
		for _, a := range aliases {
			out = append(out, fmt.Sprintf(macro, a))
		}
		return out
	}
	// form is the spelling of what a macro takes apart into one text.
	form := func(word, macro string) []string {
		return of(spell(word+"_spelling", "select words, "+fmt.Sprintf(macro, "words")+" as form from (select distinct words from (%s))", each("%s", word)...), "%s.form")
	}
	givens := spell("given_spelling", `select words, link_given(words) as name, link_given_rest(words) as rest, link_given_parts(words) as parts
from (select distinct words from (%s))`, each("%s", "given")...)
	families := spell("family_spelling", `select words, link_family(words) as name, link_family_parts(words) as parts
from (select distinct words from (%s))`, each("%s", "family")...)
	names := spell("name_spelling", "select words, link_full_name(words) as part from (select distinct words from (%s))", each("%s", "name")...)
	caregivers := spell("caregiver_spelling", `select words, link_given(part.given) || ' ' || link_family(part.family) as form
from (select words, link_full_name(words) as part from (select distinct words from (%s)))`, each("%s", "caregiver")...)
	var whole []string
	if len(heads["street"]) > 0 {
		whole = []string{"nullif(concat_ws(' ', " + strings.Join(each("%s", "street_number", "street"), ", ") + "), '')"}
	}
	address := spell("address_spelling", `with address as materialized (select words, link_address_part(words) as part from (select distinct words from (%s))),
street as (select words, link_street_of(words) as street from (select distinct part.street as words from address))
select a.words, link_number_of(a.part) as number, s.street, link_unit_of(a.part) as unit from address as a left join street as s on s.words = a.part.street`, whole...)

	given := append(of(givens, "%s.name"), of(names, "link_given(%s.part.given)")...)
	family := append(of(families, "%s.name"), of(names, "link_family(%s.part.family)")...)
	rest := slices.Concat(of(givens, "%s.rest"), of(names, "link_given_words(%s.part.middle, ' ')"), form("middle", "link_given_words(%s, ' ')"), []string{"null"})
	birth := form("birth", "link_birth_shape(link_birth(%s, '"+order+"'))")
	if year := each("try_cast(%s as usmallint)", "birth_year"); year != nil {
		month, day := each("try_cast(%s as usmallint)", "birth_month"), each("try_cast(%s as usmallint)", "birth_day")
		birth = append(birth, fmt.Sprintf("link_birth_shape(link_birth_parts(%s, %s, %s))", year[0], append(month, "null")[0], append(day, "null")[0]))
	}
	postal, city := form("postal", "link_postal(%s)"), form("city", "link_city(%s)")
	return append(do, fmt.Sprintf(`create or replace table person as
select
    (file_row_number + %d)::integer as node,
    %s as source,
    %s as given,
    nullif(concat_ws(' ', %s), '') as given_rest,
    %s as given_other,
    %s as family,
    %s as family_parts,
    %s as birth_digits,
    false as is_age,
    %s as sex,
    %s as postal,
    %s as street_number,
    %s as street,
    %s as unit,
    %s as city,
    %s as phones,
    %s as emails,
    %s as caregivers,
    %s as identifier
from %s`, firstNode,
		first(append(each("nullif(trim(%s), '')", "source"), "''")...), first(given...), strings.Join(rest, ", "),
		lists(append(of(givens, "%s.parts"), of(names, "link_given_parts(%s.part.given)")...)), first(family...),
		lists(slices.Concat(of(families, "%s.parts"), of(names, "link_family_parts(%s.part.family)"), wrap(family))),
		first(birth...), first(each("link_sex(%s)", "sex")...), first(postal...),
		first(of(address, "%s.number")...), first(of(address, "%s.street")...), first(of(address, "%s.unit")...), first(city...),
		list(each("link_phone(%s)", "phone", "caregiver_phone")...), list(each("link_email(%s)", "email")...), list(of(caregivers, "%s.form")...),
		first(append(each("link_health_number(%s)", "number"), each("link_number(%s)", "number")...)...), from)), after
}

// wrap makes lists of one.
func wrap(values []string) (out []string) {
	for _, v := range values {
		out = append(out, "["+v+"]")
	}
	return out
}

// lists puts lists together.
func lists(of []string) string {
	switch len(of) {
	case 0:
		return "null::varchar[]"
	case 1:
		return of[0]
	}
	return "list_filter(list_concat(" + strings.Join(of, ", ") + "), lambda x: x is not null)"
}

// sourceSQL makes memory.person_source: whose row a node is.
func sourceSQL(rows string, heads map[string][]string, first int) string {
	value := func(word string) string {
		if len(heads[word]) == 0 {
			return "null::varchar"
		}
		return "nullif(trim(" + column(heads[word][0]) + "), '')"
	}
	number, id := fmt.Sprintf("(file_row_number + %d)::varchar", first+1), value("id")
	if len(heads["id"]) == 0 {
		id = number
	}
	return fmt.Sprintf(`create or replace table person_source as
with numbered as (select (file_row_number + %d)::integer as node, %s as id, %s as truth, %s as number from %s as file),
repeated as (select id from numbered where id is not null group by id having count(*) > 1)
select n.node, case when n.id is null or r.id is not null then coalesce(n.id, '') || '#' || n.number else n.id end as id, n.truth, r.id is not null as is_repeated
from numbered as n
left join repeated as r on r.id = n.id`, first, id, value("truth"), number, rows)
}

// filled is the column of memory.person that a word's values are counted in.
var filled = map[string]string{
	"source": "nullif(source, '')", "name": "coalesce(given, family)", "given": "given", "middle": "given_rest", "family": "family",
	"birth": "birth_digits", "birth_year": "birth_digits", "birth_month": "case when length(birth_digits) > 4 then 1 end", "birth_day": "case when length(birth_digits) > 6 then 1 end",
	"sex": "sex", "postal": "postal", "street": "street", "street_number": "street_number", "city": "city",
	"phone": "phones[1]", "caregiver_phone": "phones[1]", "email": "emails[1]", "caregiver": "caregivers[1]", "number": "identifier",
}

// count sets how many records there are, how many have each column and how many share an id.
func (p *People) count(ctx context.Context, db *warehouse.DB) error {
	if err := db.Scan(ctx, "select count(*), count(*) filter (where is_repeated) from person_source", nil, &p.Records, &p.Repeated); err != nil {
		return err
	}
	var asked []string
	var into []any
	for i, c := range p.Columns {
		switch {
		case c.Word == "id":
			asked = append(asked, "(select count(*) from person_source where not starts_with(id, '#'))")
		case c.Word == "truth":
			asked = append(asked, "(select count(truth) from person_source)")
		default:
			asked = append(asked, "count("+filled[c.Word]+")")
		}
		into = append(into, &p.Columns[i].Filled)
	}
	if p.Records == 0 {
		return tributary.Fix(fmt.Errorf("%w: there are headings and no rows", ErrNoTable), "export it again")
	}
	return db.Scan(ctx, "select "+strings.Join(asked, ", ")+" from person", nil, into...)
}
