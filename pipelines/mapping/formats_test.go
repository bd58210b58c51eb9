package mapping

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tributary"
	"tributary/pipelines/land"
	"tributary/pipelines/warehouse"
)

const formatsMapping = `code: ELM
name: Elm House
role: provider
linking: {without_consent: separate, authority: clause 1, scopes: any}
date_order: dmy
files:
  fixed: {name: "fixed_{ym}.dat", format: fixed, widths: [6, 10, 8, 3], field_names: [NO, NAME, BORN, SX], kind: delta}
  plain: {name: "plain.dat", format: fixed, widths: [6, 10, 8, 3], kind: delta, owed: false}
  doc: {name: "doc.json"}
  columns: {name: "columns.parquet"}
  zipped: {name: "inner.csv"}
tables:
  - into: client
    file: fixed
    columns: {client_local_id: NO, given_name: NAME, birth_date: BORN, sex: {from: SX, codes: {F: female, M: male}}}
  - into: client
    file: plain
    columns: {client_local_id: NO, given_name: NAME, birth_date: BORN, sex: {from: SX, codes: {F: female, M: male}}}
  - into: client
    file: doc
    sheet: export.clients
    columns: {client_local_id: number, given_name: name.first, phone: phone}
  - into: caregiver
    file: doc
    sheet: export.clients.carers
    columns: {client_local_id: number, given_name: first, phone: own.phone}
  - into: meeting
    file: doc
    sheet: export.clients.carers.visits
    columns: {client_local_id: number, held_on: day}
  - into: capacity
    file: doc
    sheet: export.places
    columns: {service_type: type, places: n}
  - into: need
    file: columns
    columns: {client_local_id: client, identified_on: day, service_type: type}
  - into: wait
    file: zipped
    columns: {client_local_id: Numéro, joined_on: Depuis}
`

// Every format that landing reads, from the bytes to the canonical tables.
func TestStage_everyFormat(t *testing.T) {
	t.Parallel()
	db, inbox := openEngine(t), t.TempDir()
	attach(t, db)
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("inner.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("Num\xe9ro;Depuis\r\na1;03/04/2025\r\nTotal;1\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"fixed_2025-04.dat": "000001Ada       20150105F  \n000002Bo        20160230M  \n",
		"plain.dat":         "NO    NAME      BORN    SX \n000003Cy        20150105F  \n",
		"doc.json": `{"export": {"made": {"on": "2025-07-02"}, "clients": [{"number": "d1", "name": {"first": "Di"}, "phone": "1", "carers": [
			{"first": "Eve", "own": {"phone": "2"}, "visits": [{"day": "2025-04-02"}, {"day": "2025-04-03"}]}, {"first": "Al"}]},
			{"number": "d2", "name": {"first": "Ed"}, "phone": null, "carers": [{"first": "Eve"}]}],
			"places": [{"type": "slp", "n": 4}]}}`,
		"all.zip": archive.String(),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(inbox, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, db, "copy (select 'p1' as client, date '2025-05-01' as day, 'ot' as type) to "+warehouse.Text(filepath.Join(inbox, "columns.parquet"))+" (format parquet)")
	agencies, err := load(t, map[string]string{"agencies/ELM.yaml": formatsMapping})
	if err != nil {
		t.Fatal(err)
	}
	q, _ := tributary.ParseQuarter("2025-26Q1")
	root := t.TempDir()
	store := &land.Store{Root: root, Temp: t.TempDir()}
	landed, err := store.Land(t.Context(), inbox, "ELM", q, agencies[0].Hints(q), q.End())
	if err != nil {
		t.Fatal(err)
	}
	if err := Stage(t.Context(), db, Input{Agencies: agencies, Files: landed, LandingRoot: root, Quarters: []tributary.Quarter{q}, Today: time.Date(2025, 8, 1, 0, 0, 0, 0, time.UTC)}, nil); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, query := range []string{
		`select client_local_id, given_name, birth_date, sex, phone, as_of, file_kind from stage.client order by all`,
		`select client_local_id, caregiver_number, given_name, phone, _address.sheet, _address.path from stage.caregiver order by all`,
		`select client_local_id, held_on, _address.path from stage.meeting order by all`,
		`select service_type, places from stage.capacity`,
		`select client_local_id, identified_on, service_type from stage.need`,
		`select client_local_id, joined_on, _address.file from stage.wait`,
		`select check_id, file, "row", column_name, detail from stage.finding where check_id <> 'file_missing' and check_id <> 'unusual_text' order by all`,
	} {
		got = append(got, answer(t, db, query))
	}
	want := `000001 | Ada | 2015-01-05 | female |  | 2025-04-30 | delta
000002 | Bo |  | male |  | 2025-04-30 | delta
000003 | Cy | 2015-01-05 | female |  | 2025-06-30 | delta
d1 | Di |  |  | 1 | 2025-06-30 | snapshot
d2 | Ed |  |  |  | 2025-06-30 | snapshot

d1 | 1 | Eve | 2 | export.clients.carers | carers[0]
d1 | 2 | Al |  | export.clients.carers | carers[1]
d2 | 1 | Eve |  | export.clients.carers | carers[0]

d1 | 2025-04-02 | carers[0].visits[0]
d1 | 2025-04-03 | carers[0].visits[1]

slp | 4

p1 | 2025-05-01 | ot

a1 | 2025-04-03 | all.zip/inner.csv

bad_date | fixed_2025-04.dat | 2 | BORN | no date that exists, or not in the order that the mapping states
phone_form | doc.json | 1 | own.phone | has 1 digits, or digits that no number has
phone_form | doc.json | 1 | phone | has 1 digits, or digits that no number has
unknown_client | all.zip/inner.csv |  | Numéro | 1 rows of wait name a client who is not in the client list
unknown_client | columns.parquet |  | client | 1 rows of need name a client who is not in the client list
`
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
