package link

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tributary/pipelines/warehouse"
)

// macroForms is each macro's answer as one text.
var macroForms = map[string]string{
	"link_given": "%s", "link_given_rest": "%s", "link_family": "%s", "link_date": "%s::varchar", "link_date_any_year": "%s::varchar", "link_sex": "%s",
	"link_given_parts": "array_to_string(%s, '|')", "link_family_parts": "array_to_string(%s, '|')",
	"link_full_name": "concat_ws('|', coalesce(%[1]s.given, ''), coalesce(%[1]s.middle, ''), coalesce(%[1]s.family, ''))",
	"link_phone":     "%s", "link_email": "%s", "link_postal": "%s", "link_street_number": "%s", "link_unit": "%s",
	"link_street_name": "%s", "link_city": "%s", "link_health_number": "%s",
}

func openStandard(t testing.TB) *warehouse.DB {
	t.Helper()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := Standardise(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

// macroAnswers is what a macro gives for each text, "" for null, by one query: planning costs more
// than rows.
func macroAnswers(t *testing.T, db *warehouse.DB, macro string, inputs []string) []string {
	t.Helper()
	list, err := json.Marshal(inputs)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), "select coalesce("+fmt.Sprintf(macroForms[macro], macro+"(words)")+`, '')
		from (select unnest(from_json(?::varchar, '["varchar"]')) as words, unnest(range(?)) as place) order by place`, string(list), len(inputs))
	if err != nil {
		t.Fatalf("%s: %v", macro, err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatalf("%s: %v", macro, err)
		}
		got = append(got, strings.Trim(text, "|"))
	}
	if err := rows.Err(); err != nil || len(got) != len(inputs) {
		t.Fatalf("%s: %d answers for %d texts: %v", macro, len(got), len(inputs), err)
	}
	return got
}

func TestStandardise_rowByRow(t *testing.T) {
	t.Parallel()
	db := openStandard(t)
	for macro := range macroForms {
		t.Run(macro, func(t *testing.T) {
			t.Parallel()
			inputs, wants := standardCases(t, macro)
			if len(inputs) < 15 {
				t.Errorf("%d cases, want 15", len(inputs))
			}
			for i, got := range macroAnswers(t, db, macro, inputs) {
				if got != wants[i] {
					t.Errorf("%s(%q) = %q; want %q", macro, inputs[i], got, wants[i])
				}
			}
			var isNull bool
			if err := db.Scan(t.Context(), "select "+macro+"(null::varchar) is null", nil, &isNull); err != nil || !isNull {
				t.Errorf("%s(null) is null: %v, %v", macro, isNull, err)
			}
		})
	}
}

func TestStandardise_everyConnectionSeesIt(t *testing.T) {
	t.Parallel()
	db := openStandard(t)
	if err := Standardise(t.Context(), db); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	// An open answer keeps its connection, so the next question takes another.
	rows, err := db.Query(t.Context(), "select name from nickname")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names, distinctNames int
	err = db.Scan(t.Context(), "select count(link_given(name)), count(distinct name) from nickname", nil, &names, &distinctNames)
	if err != nil || names == 0 || names != distinctNames {
		t.Errorf("%d names, %d of them distinct: %v", names, distinctNames, err)
	}
}

func standardCases(t *testing.T, macro string) (inputs, wants []string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "standardise", macro+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) == 0 || strings.Join(lines[0], ",") != "input,want" {
		t.Fatalf("%s.csv: heading input,want: %v", macro, err)
	}
	for _, line := range lines[1:] {
		inputs, wants = append(inputs, line[0]), append(wants, line[1])
	}
	return inputs, wants
}

// hostileText that breaks careless code: binary, quotes, other scripts, right to left, far dates.
var hostileText = []string{
	"", " ", ",", "-", "'", "''", "\"", "\\", "\\1", "'; drop table nickname; --", "%s", "\x01\x02\x7f", "\u202e\u0645\u062d\u0645\u062f",
	"\U0001F600", "a\U0001F600b", "李小龙", "محمد", "ᐊᓂᔑᓈᐯ", "सिंह", "Ǆ ŉ ﬁ İ ß", "0001-01-01", "99999-99-99", "2012-13-45", "1/1/1", "31/31/3131",
	"@", "a@", "@b", "@@@", "a+b@c", "+1", "000", strings.Repeat("9", 300), strings.Repeat("é", 60000), strings.Repeat("a ", 30000),
	strings.Repeat("a", 60000), strings.Repeat("a", 60000) + "@mail.ca", strings.Repeat("1", 60000) + " Main St", strings.Repeat("na-", 20000),
	strings.Repeat("(", 500), "unit", "#", "# ,", "apt apt apt", "4-", "-4", "1 2 3 4 5", "PO", "RR", "St", "Mac", "de la", "Jr", "O'", "nee",
	"\u0301\u0301", "\u00a0", "a\tb\nc", "NaN", "inf", "1e400", "1234567890", "١٢٣٤٥٦٧٨٩٠", "９９９",
}

// idempotentMacros are the macros that leave their own answer alone.
var idempotentMacros = []string{"link_given", "link_family", "link_date", "link_date_any_year", "link_sex", "link_phone", "link_email", "link_postal",
	"link_street_number", "link_city", "link_health_number"}

func TestStandardise_hostileTextIsText(t *testing.T) {
	t.Parallel()
	db := openStandard(t)
	inputs := slices.Concat(hostileText, drawnTexts())
	for macro := range macroForms {
		for i, got := range macroAnswers(t, db, macro, inputs) {
			if len(got) > 1000 {
				t.Errorf("%s: %d bytes for a text of %d", macro, len(got), len(inputs[i]))
			}
		}
	}
}

func TestStandardise_settlesAtOnce(t *testing.T) {
	t.Parallel()
	db := openStandard(t)
	drawn := slices.Concat(hostileText, drawnTexts())
	for _, macro := range idempotentMacros {
		cases, _ := standardCases(t, macro)
		inputs := slices.Concat(cases, drawn)
		once := macroAnswers(t, db, macro, inputs)
		for i, twice := range macroAnswers(t, db, macro, once) {
			if twice != once[i] {
				t.Errorf("%s(%q) = %q, and of that %q", macro, inputs[i], once[i], twice)
			}
		}
	}
}

// drawnTexts are three thousand texts, the same each time: any characters, and the words that the
// macros know in any order.
func drawnTexts() []string {
	word := rapid.SampledFrom([]string{"Mary", "de", "la", "St.", "Saint", "Mac", "Mc", "O'", "Jr", "III", "Mr", "Dr.", "baby", "unknown", "x", "née",
		"Zoé", "4", "12", "#", "Apt", "Unit", "Main", "St", "rue", "N", "Ave", "RR", "Box", ",", "-", ".", "/", "@", "+", "a", "com", "É", "李", "2012", "Mar", "613", "555", "0000"})
	gap := rapid.SampledFrom([]string{"", " ", "-"})
	words := rapid.Map(rapid.SliceOfN(rapid.Custom(func(r *rapid.T) string { return word.Draw(r, "word") + gap.Draw(r, "gap") }), 0, 8),
		func(parts []string) string { return strings.Join(parts, "") })
	text := rapid.OneOf(rapid.StringN(0, 30, -1), words, words)
	texts := make([]string, 3000)
	for i := range texts {
		texts[i] = strings.ReplaceAll(text.Example(i), "\x00", "")
	}
	return texts
}

func TestNickname_namesAreInOneSpelling(t *testing.T) {
	t.Parallel()
	db := openStandard(t)
	lines, err := readSeed("nickname.csv", nicknameCSV, "name", "root", "origin")
	if err != nil {
		t.Fatal(err)
	}
	seen, count := map[string]bool{}, map[string]int{}
	for i, line := range lines {
		key := strings.Join(line, ",")
		if seen[line[0]+","+line[1]] || line[0] == line[1] {
			t.Errorf("%s: stands twice or names itself", key)
		}
		if i > 0 && strings.Join(lines[i-1], ",") > key {
			t.Errorf("%s: not in order", key)
		}
		seen[line[0]+","+line[1]] = true
		count[line[2]]++
	}
	var other string
	err = db.Scan(t.Context(), `select coalesce(string_agg(name, ' ' order by name), '') from nickname
		where link_given(name) is distinct from name`, nil, &other)
	if err != nil || other != "" {
		t.Errorf("not in the spelling of link_given: %q, %v", other, err)
	}
	for origin, least := range map[string]int{"english": 500, "french": 80, "south_asian": 50, "chinese": 30, "indigenous": 20, "arabic": 20, "slavic": 20} {
		if count[origin] < least {
			t.Errorf("%s: %d pairs, want %d", origin, count[origin], least)
		}
	}
}

func TestNickname_sharedRoots(t *testing.T) {
	t.Parallel()
	db := openStandard(t)
	cases := []struct {
		a, b string
		want bool
	}{
		{"bill", "william", true}, {"bill", "liam", true}, {"beth", "lizzie", true}, {"alex", "alexander", true}, {"alex", "alexandra", true},
		{"alexander", "alexandra", false}, {"sam", "samantha", true}, {"samuel", "samantha", false}, {"mohammed", "muhammad", true},
		{"sasha", "oleksandr", true}, {"jeff", "jeanfrancois", true}, {"madison", "mason", false}, {"gabriel", "gabrielle", false}, {"ava", "eva", false},
	}
	for _, c := range cases {
		var got bool
		err := db.Scan(t.Context(), `select coalesce(bool_or(link_share_root(a.roots, b.roots)), false)
			from nickname as a, nickname as b where a.name = ? and b.name = ?`, []any{c.a, c.b}, &got)
		if err != nil || got != c.want {
			t.Errorf("%s and %s share a root: %v, %v; want %v", c.a, c.b, got, err, c.want)
		}
	}
}

// BenchmarkStandardise times one million rows through all macros.
func BenchmarkStandardise(b *testing.B) {
	db := openStandard(b)
	// Most people have plain names; one in five has what takes the long way.
	err := db.Exec(b.Context(), `create table memory.crowd as select
		['Mary', 'ELIZABETH', 'Christopher', 'Mohammed', 'liam', 'Olivia', 'Jean-Luc', 'Mary Ann', 'Zoé', 'Noah'][1 + i % 10] || chr(97 + (i * 7919 % 26)::integer) as given,
		['Tremblay', 'Nguyen', 'Singh', 'SMITH', 'Brown', 'Patel', 'O''Brien', 'MacDonald', 'St. John', 'Smith-Jones', 'Li', 'Gagné', 'Roy', 'Wilson', 'de la Cruz'][1 + i % 15]
			|| chr(97 + (i * 104729 % 26)::integer) as family,
		(date '2002-01-01' + (i % 6570)::integer)::varchar as birth_date,
		['F', 'Male', 'girl', 'M'][1 + i % 4] as sex,
		'(613) 5' || lpad((i * 31 % 100)::varchar, 2, '0') || '-' || lpad((i * 7919 % 10000)::varchar, 4, '0') as phone,
		'person' || i || '@mail' || i % 7 || '.ca' as email,
		'K7L ' || i % 10 || chr(65 + (i * 31 % 26)::integer) || i * 7 % 10 as postal,
		i % 900 + 1 || [' Princess St', ' Main Street E, Apt 4', ' rue Principale', ' County Rd 8', ' Lakeview Crescent', ' King St W', ' Elm Ave',
			' Johnson Street', ' St. Lawrence Blvd', ' Victoria St'][1 + i % 10] as street,
		['Kingston', 'Kingston', 'Belleville', 'Town of Greater Napanee', 'Belleville ON', 'Picton'][1 + i % 6] as city,
		(1000000000 + i * 7919)::varchar as health_number
		from range(1000000) as r(i)`)
	if err != nil {
		b.Fatal(err)
	}
	column := func(macro string) string {
		switch name := strings.TrimPrefix(macro, "link_"); {
		case strings.HasPrefix(name, "given"):
			return "given"
		case strings.HasPrefix(name, "family"):
			return "family"
		case name == "full_name":
			return "given || ' ' || family"
		case strings.HasPrefix(name, "date"):
			return "birth_date"
		case name == "unit", strings.HasPrefix(name, "street"):
			return "street"
		default:
			return name
		}
	}
	for b.Loop() {
		for macro, form := range macroForms {
			began := time.Now()
			call := fmt.Sprintf("%s(%s)", macro, column(macro))
			var n int
			if err := db.Scan(b.Context(), "select count("+fmt.Sprintf(form, call)+") from memory.crowd", nil, &n); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(began).Seconds(), macro+"_s")
		}
	}
}
