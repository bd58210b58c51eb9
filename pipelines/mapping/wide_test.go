package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

const wideMapping = `code: ELM
name: Elm House
role: provider
linking: {without_consent: separate, authority: clause 1, scopes: any}
files:
  kids: {name: "kids.csv", drift: discard}
tables:
  - {into: client, file: kids, columns: {client_local_id: No, given_name: Name}}
`

// A sheet with a value far to the right is read up to a limit, and held beyond it: neither may end
// the run of all agencies.
func TestStage_wide(t *testing.T) {
	t.Parallel()
	for columns, want := range map[int]string{
		1010:        "kids.csv | taken | ",
		tooWide + 1: "kids.csv | held | too_many_columns",
	} {
		rest := strings.Repeat(",x", columns-2)
		story := &txtar.Archive{Files: []txtar.File{
			{Name: "agencies/ELM.yaml", Data: []byte(wideMapping)},
			{Name: "deliver/ELM/2025-26Q1/kids.csv", Data: []byte("No,Name" + rest + "\n1,Ada" + rest + "\n2" + strings.Repeat(",", columns-1) + "\n")},
		}}
		db := stageStory(t, story)
		got := answer(t, db, "select f.file, f.state, g.check_id from stage.file as f left join stage.finding as g on g.file = f.file and g.severity = 'blocks'")
		if diff := cmp.Diff(want+"\n", got); diff != "" {
			t.Errorf("%d columns (-want +got)\n%s", columns, diff)
		}
		if got, want := answer(t, db, "select count(*) from stage.client"), fmt.Sprintln(map[bool]int{true: 2}[columns <= tooWide]); got != want {
			t.Errorf("%d columns: %s clients, want %s", columns, got, want)
		}
	}
}
