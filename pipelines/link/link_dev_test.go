package link

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/pipelines/warehouse"
)

const shared = "../../../shared/linkage-data/"

var sets = []struct{ name, truth, person string }{
	{"febrl1", "regexp_extract(rec_id, 'rec-([0-9]+)', 1)", febrl("dataset1", true)},
	{"febrl2", "", febrl("dataset2", true)},
	{"febrl3", "", febrl("dataset3", true)},
	{"febrl1n", "", febrl("dataset1", false)},
	{"febrl2n", "", febrl("dataset2", false)},
	{"febrl3n", "", febrl("dataset3", false)},
	{"rldata", "", `select row_number() over () - 1 as node, 'a' as source, ent_id::varchar as truth,
 g(fname_c1) as given, g(fname_c2) as given_rest, null::varchar[] as given_other, g(lname_c1) as family, list_filter([g(lname_c1), g(lname_c2)], lambda x: x is not null) as family_parts,
 printf('%04d%02d%02d', "by"::int, bm::int, bd::int) as birth_digits, false as is_age, null::varchar as sex, null::varchar as postal, null::varchar as street_number, null::varchar as street, null::varchar as unit, null::varchar as city,
 null::varchar[] as phones, null::varchar[] as emails, null::varchar[] as caregivers, null::varchar as identifier
 from read_csv('` + shared + `rldata/RLdata500.csv', nullstr='NA', all_varchar=true)`},
	{"fake", "", `select row_number() over () - 1 as node, 'a' as source, "cluster"::varchar as truth,
 g(first_name) as given, null::varchar as given_rest, null::varchar[] as given_other, g(surname) as family, [g(surname)] as family_parts,
 nullif(replace(dob, '-', ''), '') as birth_digits, false as is_age, null::varchar as sex, null::varchar as postal, null::varchar as street_number, null::varchar as street, null::varchar as unit, g(city) as city,
 null::varchar[] as phones, case when email is not null then [lower(email)] end as emails, null::varchar[] as caregivers, null::varchar as identifier
 from read_csv('` + shared + `splink/fake_1000.csv', all_varchar=true)`},
}

func febrl(set string, all bool) string {
	rest := `null::varchar as sex, g2(postcode) as postal, g2(street_number) as street_number, g(address_1) as street, null::varchar as unit, g(suburb) as city,
 null::varchar[] as phones, null::varchar[] as emails, null::varchar[] as caregivers, g2(soc_sec_id) as identifier`
	if !all {
		rest = `null::varchar as sex, g2(postcode) as postal, null::varchar as street_number, null::varchar as street, null::varchar as unit, null::varchar as city,
 null::varchar[] as phones, null::varchar[] as emails, null::varchar[] as caregivers, null::varchar as identifier`
	}
	return `select row_number() over () - 1 as node, 'a' as source, regexp_extract(rec_id, 'rec-([0-9]+)', 1) as truth,
 g(given_name) as given, null::varchar as given_rest, null::varchar[] as given_other, g(surname) as family, [g(surname)] as family_parts,
 case when regexp_full_match(trim(date_of_birth), '[0-9]{8}') then trim(date_of_birth) end as birth_digits, false as is_age, ` + rest + `
 from read_csv('` + shared + `febrl/` + set + `.csv', all_varchar=true, header=true, normalize_names=true)`
}

func TestDev(t *testing.T) {
	if os.Getenv("LEAD") == "" {
		t.Skip()
	}
	ctx := t.Context()
	for _, s := range sets {
		if d := os.Getenv("ONLY"); d != "" && d != s.name {
			continue
		}
		db, err := warehouse.Memory(ctx)
		if err != nil {
			t.Fatal(err)
		}
		run := func(q string) {
			t.Helper()
			if err := db.Exec(ctx, q); err != nil {
				t.Fatal(s.name, err, q)
			}
		}
		run(`create macro g(x) as nullif(regexp_replace(lower(strip_accents(x)), '[^a-z0-9]', '', 'g'), '')`)
		run(`create macro g2(x) as nullif(trim(x), '')`)
		run(`create table nickname(name varchar, roots varchar[])`)
		run(`create table person as ` + s.person)
		began := time.Now()
		a, e := dev(ctx, t, db, .5)
		b, _ := devCluster(ctx, t, e, .95)
		fmt.Printf("%-8s F1 %.4f P %.4f R %.4f found %.4f | .95: F1 %.4f P %.4f R %.4f  %v rounds %d\n", s.name, a.F1, a.Precision, a.Recall, a.Found, b.F1, b.Precision, b.Recall, time.Since(began).Round(time.Millisecond), e.model.Rounds)
		if os.Getenv("DEV") == s.name {
			for i, c := range comparisons {
				for j, l := range c.levels {
					ch := e.model.Comparisons[i][j]
					fmt.Printf("  %-14s %-24s %.4f %.4f %.6f\n", c.name, l.name, ch.Same, ch.Sibling, ch.Unrelated)
				}
			}
			fmt.Printf("  same %g sibling %g pairs %d\n", e.model.Same*float64(e.records)*float64(e.records-1)/2, e.model.Sibling*float64(e.records)*float64(e.records-1)/2, 0)
			for _, r := range e.rules {
				fmt.Printf("  %+v\n", r)
			}
		}
		db.Close()
	}
}

func dev(ctx context.Context, t *testing.T, db *warehouse.DB, at float64) (Accuracy, *engine) {
	e := &engine{db: db}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t0 := time.Now()
	tick := func(s string) {
		fmt.Println("  step", s, time.Since(t0).Round(time.Millisecond))
		t0 = time.Now()
	}
	must(e.prepare(ctx))
	tick("prepare")
	must(e.block(ctx))
	tick("block")
	must(e.compare(ctx, "compared", "select l, r, rules from pair"))
	tick("compare")
	must(e.train(ctx))
	tick("train")
	must(e.weigh(ctx, "scored", "compared"))
	tick("weigh")
	return devCluster(ctx, t, e, at)
}

func devCluster(ctx context.Context, t *testing.T, e *engine, p float64) (Accuracy, *engine) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var n int
	must(e.db.Scan(ctx, "select max(node) + 1 from person", nil, &n))
	t1 := time.Now()
	edges, err := e.complete(ctx, bits(p))
	must(err)
	fmt.Println("  step complete", time.Since(t1), len(edges))
	t1 = time.Now()
	cc, err := e.copies(ctx, bits(p))
	must(err)
	got := e.model.cluster(n, edges, bits(p), cc, nil, nil)
	fmt.Println("  step cluster", time.Since(t1))
	rows, err := e.db.Query(ctx, "select node, truth from person order by node")
	must(err)
	defer rows.Close()
	g, w := make([]int, n), make([]int, n)
	ids, here := map[string]int{}, map[int]bool{}
	for rows.Next() {
		var node int
		var truth string
		must(rows.Scan(&node, &truth))
		if _, ok := ids[truth]; !ok {
			ids[truth] = len(ids)
		}
		w[node] = ids[truth]
		g[node] = int(got[node])
		here[node] = true
	}
	for i := range g { // nodes that are not there
		if !here[i] {
			g[i], w[i] = 1e7+i, 1e7+i
		}
	}
	e.db.Exec(ctx, "create or replace table clx (node integer, first integer)")
	var cx [][]driver.Value
	for i, f := range got {
		cx = append(cx, []driver.Value{int32(i), f})
	}
	e.db.Insert(ctx, "memory", "clx", cx)
	a := compareClusters(g, w)
	if os.Getenv("MISS") != "" {
		by := map[[2]int32]Edge{}
		for _, x := range edges {
			by[[2]int32{x.L, x.R}] = x
		}
		type miss struct {
			n    int
			odds float64
		}
		ms := map[string]*miss{}
		for i := range g {
			for j := i + 1; j < len(g); j++ {
				if (w[i] == w[j]) == (g[i] == g[j]) {
					continue
				}
				x, ok := by[[2]int32{int32(i), int32(j)}]
				k := fmt.Sprint(w[i] == w[j], " none")
				if os.Getenv("WHO") != "" && w[i] != w[j] {
					var a, b string
					e.db.Scan(ctx, "select any_value(source || ' ' || coalesce(given,'') || ' ' || coalesce(given_rest,'')|| ' ' || coalesce(family,'')|| ' ' || coalesce(birth_digits,'')|| ' ' || coalesce(sex,'')|| ' ' || coalesce(postal,'')) filter (where node = ?), any_value(source || ' ' || coalesce(given,'') || ' ' || coalesce(given_rest,'')|| ' ' || coalesce(family,'')|| ' ' || coalesce(birth_digits,'')|| ' ' || coalesce(sex,'')|| ' ' || coalesce(postal,'')) filter (where node = ?) from person", []any{i, j}, &a, &b)
					fmt.Println("false", p, a, " | ", b, x.Odds(), words(int(x.Pattern)))
				}
				if ok {
					k = fmt.Sprint(w[i] == w[j], " ", words(int(x.Pattern)), e.model.contradicts(int(x.Pattern)))
				}
				if ms[k] == nil {
					ms[k] = &miss{}
				}
				ms[k].n++
				ms[k].odds += x.Odds()
			}
		}
		for k, m := range ms {
			if m.n >= 1 {
				fmt.Println("   ", m.n, k, m.odds/float64(m.n))
			}
		}
	}
	var all, found int
	must(e.db.Scan(ctx, "select count(*) from person a join person b on a.truth = b.truth and a.node < b.node where a.node in (select node from record) and b.node in (select node from record)", nil, &all))
	must(e.db.Scan(ctx, "select count(*) from pair p join person a on a.node = p.l join person b on b.node = p.r where a.truth = b.truth", nil, &found))
	a.Found = float64(found) / float64(all)
	return a, e
}

func words(p int) (s string) {
	for i, c := range comparisons {
		if l := at(p, i); l > 0 {
			s += c.name + "=" + c.levels[l-1].name + "; "
		}
	}
	return s
}

func TestArea(t *testing.T) {
	if os.Getenv("LEAD") == "" {
		t.Skip()
	}
	ctx := t.Context()
	db, err := warehouse.Memory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	run := func(q string) {
		t.Helper()
		if err := db.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := Standardise(ctx, db); err != nil {
		t.Fatal(err)
	}
	root := "../../build-area-a/cache/warehouse/"
	manifest, _ := os.ReadFile(root + "current")
	files, _ := filepath.Glob(root + "*.duckdb")
	for _, f := range files {
		if !strings.Contains(string(manifest), filepath.Base(f)) {
			continue
		}
		name, _, _ := strings.Cut(filepath.Base(f), "-")
		if name == "core" || name == "link" || name == "stage" {
			run("attach '" + f + "' as " + name + " (read_only)")
		}
	}
	text, _ := os.ReadFile("../../sql/link/person.sql")
	began := time.Now()
	run("create table person as with truth as (select agency, local_client_id, any_value(child_id) as truth from read_csv('../../../shared/area-a/truth/clients.csv', all_varchar=true) group by all) select p.* replace ((p.node - 1)::integer as node), coalesce(t.truth, 'test ' || p.node) as truth from (" + string(text) + ") p join link.node n on n.node = p.node left join truth as t on t.agency = n.agency and t.local_client_id = n.client_local_id")
	fmt.Println("person", time.Since(began))
	var n int
	db.Scan(ctx, "select count(*) from person where truth like 'test%'", nil, &n)
	fmt.Println("without truth", n)
	tie, _ := os.ReadFile("../../sql/link/tie.sql")
	run("copy (" + string(tie) + ") to '/tmp/tie.parquet'")
	run("copy (from person) to '/tmp/person.parquet'")
	fmt.Println("tie", time.Since(began))
	a, e := dev(ctx, t, db, .95)
	fmt.Printf(".95 F1 %.4f P %.4f R %.4f found %.4f false %d missed %d\n", a.F1, a.Precision, a.Recall, a.Found, a.False, a.Missed)
	res, err := Run(ctx, db, DefaultTerms())
	if err != nil {
		t.Fatal(err)
	}
	var rowsv [][]driver.Value
	for i, f := range res.First {
		rowsv = append(rowsv, []driver.Value{int32(i), f})
	}
	run("create table cl (node integer, first integer)")
	db.Insert(ctx, "memory", "cl", rowsv)
	run("copy cl to '/tmp/cl.parquet'")
	run("create table tie as select (node-1)::integer as node, * exclude (node) from (" + string(tie) + ")")
	devFamilies(ctx, t, db, res)
	run("copy (select * from scored) to '/tmp/scored.parquet'")
	b, _ := devCluster(ctx, t, e, .5)
	fmt.Printf(".50 F1 %.4f P %.4f R %.4f found %.4f false %d missed %d %v\n", b.F1, b.Precision, b.Recall, b.Found, b.False, b.Missed, time.Since(began))
	rows, err := db.Query(ctx, "select p.pattern, a.given, a.given_rest, a.family, a.birth_digits, a.sex, b.given, b.given_rest, b.family, b.birth_digits, b.sex, a.source, b.source from scored p join person a on a.node = p.l join person b on b.node = p.r where a.truth = b.truth order by p.l, p.r")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for rows.Next() {
		var v [13]sql.NullString
		p := 0
		if err := rows.Scan(&p, &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9], &v[10], &v[11], &v[12]); err != nil {
			t.Fatal(err)
		}
		k := fmt.Sprint(at(p, cGiven) >= givenSimilar, at(p, cGiven), at(p, cBirth) == 8)
		if (at(p, cGiven) >= givenSimilar || at(p, cBirth) == 8) && seen[k] < 25 {
			seen[k]++
			fmt.Print("S ", k)
			for _, x := range v[1:] {
				fmt.Print(" ", x.String)
			}
			fmt.Println()
		}
	}
	if os.Getenv("DEV") != "" {
		for i, c := range comparisons {
			for j, l := range c.levels {
				ch := e.model.Comparisons[i][j]
				fmt.Printf("  %-14s %-24s %.4f %.4f %.6f\n", c.name, l.name, ch.Same, ch.Sibling, ch.Unrelated)
			}
		}
		fmt.Printf("  same %g sibling %g pairs %d\n", e.model.Same*float64(e.records)*float64(e.records-1)/2, e.model.Sibling*float64(e.records)*float64(e.records-1)/2, 0)
		for _, r := range e.rules {
			fmt.Printf("  %+v\n", r)
		}
	}
}

func TestMillion(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	db, err := warehouse.Memory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	run := func(q string) {
		t.Helper()
		if err := db.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	run("set memory_limit='8GB'")
	run("set preserve_insertion_order=false")
	run("set temp_directory='" + dir + "'")
	if err := Standardise(ctx, db); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	file := os.Getenv("PEOPLE")
	if file == "" {
		t.Skip()
	}
	run(`create table person as select (row_number() over () - 1)::integer as node, agency as source, child_id as truth, "group" as grp, is_multiple::boolean as multiple,
  link_given(given_name) as given, nullif(concat_ws(' ', link_given_rest(given_name), link_given_words(middle_name, ' ')), '') as given_rest, link_given_parts(given_name) as given_other,
  link_family(family_name) as family, list_append(link_family_parts(family_name), link_family(family_name)) as family_parts,
  case when link_date(birth_date) is not null then strftime(link_date(birth_date), '%Y%m%d') when regexp_full_match(birth_date, '[0-9]{4}') then birth_date when regexp_full_match(birth_date, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then replace(birth_date, '-', '') end as birth_digits, false as is_age,
  link_sex(sex) as sex, link_postal(postal_code) as postal, link_street_number(street_address) as street_number, link_street_name(street_address) as street, link_unit(street_address) as unit, link_city(city) as city,
  list_filter([link_phone(phone), link_phone(caregiver_phone)], lambda x: x is not null) as phones, case when link_email(email) is not null then [link_email(email)] end as emails,
  case when link_full_name(caregiver_name).family is not null then [link_given(link_full_name(caregiver_name).given) || ' ' || link_family(link_full_name(caregiver_name).family)] end as caregivers,
  null::varchar as identifier from '` + file + `'`)
	fmt.Println("person", time.Since(began))
	a, e := dev(ctx, t, db, .95)
	fmt.Printf(".95 F1 %.4f P %.4f R %.4f found %.4f false %d missed %d\n", a.F1, a.Precision, a.Recall, a.Found, a.False, a.Missed)
	fmt.Println("all", time.Since(began))
	type tw struct{ a, b string }
	rowsT, err := db.Query(ctx, "select t.first, p.truth, p.source || ' ' || coalesce(p.given,'') || ' ' || coalesce(p.given_rest, '') || ' ' || coalesce(p.family,'') || ' ' || coalesce(p.birth_digits,'') || ' ' || coalesce(p.sex,'') from person p join clx t on t.node = p.node where p.multiple order by 1")
	if err == nil {
		by := map[int]map[string]string{}
		for rowsT.Next() {
			var f int
			var tr, d string
			rowsT.Scan(&f, &tr, &d)
			if by[f] == nil {
				by[f] = map[string]string{}
			}
			by[f][tr] += d + "; "
		}
		bad := 0
		for _, k := range slices.Sorted(maps.Keys(by)) {
			if len(by[k]) > 1 {
				bad++
				fmt.Print("TW ")
				for _, x := range slices.Sorted(maps.Keys(by[k])) {
					fmt.Print(by[k][x], " || ")
				}
				fmt.Println()
			}
		}
		fmt.Println("TWINS falsely linked", bad)
	} else {
		fmt.Println(err)
	}
	var n int
	db.Scan(ctx, "select count(*) from pair", nil, &n)
	fmt.Println("pairs", n)
	os.Remove("/tmp/cost.duckdb")
	run("attach '/tmp/cost.duckdb' as c")
	run("create table c.record as from record")
	run("create table c.pair as from pair")
	run("detach c")
	db.Scan(ctx, "select count(*) from scored", nil, &n)
	fmt.Println("scored", n)
	fmt.Printf("same %g sibling %g\n", e.model.Same*float64(e.records)*float64(e.records-1)/2, e.model.Sibling*float64(e.records)*float64(e.records-1)/2)
}

func TestCost(t *testing.T) {
	if os.Getenv("LEAD") == "" {
		t.Skip()
	}
	ctx := t.Context()
	db, err := warehouse.Memory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(ctx, "attach '/tmp/cost.duckdb' as c"); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"create table record as from c.record order by node", "create table pair as from c.pair order by l, r"} {
		if err := db.Exec(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	try := func(name, q string) {
		t0 := time.Now()
		if err := db.Exec(ctx, "create or replace table x as "+q); err != nil {
			t.Fatal(name, err)
		}
		fmt.Println(name, time.Since(t0).Round(time.Millisecond))
	}
	j := "(select l, r, rules from pair) as p join record as l on l.node = p.l join record as r on r.node = p.r"
	try("join ints", "select p.l, l.given_count + r.given_count as x from "+j)
	try("join names", "select p.l, length(l.given) + length(r.given) + length(l.family) + length(r.family) as x from "+j)
	try("join names jw", "select p.l, jaro_winkler_similarity(l.given, r.given) + jaro_winkler_similarity(l.family, r.family) as x from "+j)
	all := comparisons
	full := all
	for i := range comparisons {
		only := [comparisonCount]comparison{}
		for k := range only {
			only[k] = comparison{name: full[k].name, missing: "true", levels: full[k].levels}
		}
		only[i] = full[i]
		comparisons = only
		try(full[i].name, compareSQL("select l, r, rules from pair"))
	}
	comparisons = full
	try("all", compareSQL("select l, r, rules from pair"))
}

func devFamilies(ctx context.Context, t *testing.T, db *warehouse.DB, res *Result) {
	e := &engine{db: db}
	run := func(q string) {
		t.Helper()
		if err := db.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	run("create or replace table child_of as select node, first as child from cl where first >= 0")
	t0 := time.Now()
	edges, m, err := e.families(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("families", time.Since(t0), len(edges), m.Same)
	for i, tie := range ties {
		fmt.Println("families  ", tie, m.Ties[i], m.Chance[i])
	}
	truth := map[int32]string{}
	rows, err := db.Query(ctx, "select p.node, t.fam from person p join (select child_id, any_value(family_id) fam from read_csv('../../../shared/area-a/truth/clients.csv', all_varchar=true) group by 1) t on t.child_id = p.truth order by p.node")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var n int32
		var f string
		rows.Scan(&n, &f)
		truth[n] = f
	}
	fam := familyClusters(len(res.First), edges, bits(.95), nil, nil)
	ids := map[string]int{}
	var g, w []int
	kids := map[int]map[string]bool{}
	_ = kids
	for c, f := range res.First {
		if int(f) != c || truth[int32(c)] == "" {
			continue
		}
		id, ok := ids[truth[int32(c)]]
		if !ok {
			id = len(ids)
			ids[truth[int32(c)]] = id
		}
		g, w = append(g, int(fam[c])), append(w, id)
	}
	by := map[[2]int32]FamilyEdge{}
	for _, x := range edges {
		by[[2]int32{x.L, x.R}] = x
	}
	var reps []int32
	for c, f := range res.First {
		if int(f) == c && truth[int32(c)] != "" {
			reps = append(reps, int32(c))
		}
	}
	byFam := map[string][]int32{}
	for _, c := range reps {
		byFam[truth[c]] = append(byFam[truth[c]], c)
	}
	desc := func(c int32) (s string) {
		db.Scan(ctx, "select string_agg(source || ' ' || coalesce(given,'') || ' ' || coalesce(family,'') || ' ' || coalesce(birth_digits,'')|| ' ' || coalesce(postal,'') || ' ' || coalesce(street_number || street,'')||' '||coalesce(array_to_string(phones,','),'')||' '||coalesce(array_to_string(caregivers,','),'')|| ' ' || truth, ' ; ') from person join cl using (node) where first = ?", []any{c}, &s)
		return s
	}
	shown := 0
	for _, f := range slices.Sorted(maps.Keys(byFam)) {
		cs := byFam[f]
		groups := map[int32]bool{}
		for _, c := range cs {
			groups[fam[c]] = true
		}
		if len(groups) > 1 && shown < 60 {
			shown++
			fmt.Println("X", f, len(cs), "children in", len(groups))
			for i, c := range cs {
				fmt.Println("X    ", fam[c], desc(c))
				for _, d := range cs[i+1:] {
					if fam[c] != fam[d] {
						x := by[[2]int32{c, d}]
						fmt.Println("X         odds", x.Odds, x.Levels, x.shares())
					}
				}
			}
		}
	}
	for i := range edges {
		l, r := edges[i].L, edges[i].R
		if fam[l] == fam[r] && truth[l] != truth[r] && truth[l] != "" && truth[r] != "" {
			fmt.Println("X FALSE", edges[i].Odds, edges[i].Levels, edges[i].shares(), desc(l), " | ", desc(r))
		}
	}
	a := compareClusters(g, w)
	fmt.Printf("families: F1 %.4f P %.4f R %.4f B3 %.4f false %d missed %d; children %d families %d of %d\n", a.F1, a.Precision, a.Recall, a.BCubed, a.False, a.Missed, len(g), func() int {
		s := map[int]bool{}
		for _, x := range g {
			s[x] = true
		}
		return len(s)
	}(), len(ids))
}
