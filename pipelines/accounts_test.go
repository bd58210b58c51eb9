package pipelines

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary"
	"tributary/pipelines/ledger"
	"tributary/pipelines/warehouse"
)

func TestAccounts_keepOnlyAHashAndSayWhoDidIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := ledger.Open(t.Context(), filepath.Join(dir, "kept", "ledger.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := &Workspace{Dir: dir, Ledger: l, Who: "it", Now: func() time.Time { return time.Date(2026, 5, 6, 9, 0, 0, 0, time.UTC) },
		House: &warehouse.Warehouse{Root: filepath.Join(dir, "cache", "warehouse")}}
	for _, bad := range [][3]string{{"", "analyst", "long enough words"}, {"anna", "king", "long enough words"}, {"anna", "analyst", "short"}} {
		if err := w.KeepAccount(t.Context(), bad[0], bad[1], bad[2], "new"); tributary.FixOf(err) == "" {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := w.KeepAccount(t.Context(), "anna", "analyst", "correct horse battery", "new analyst"); err != nil {
		t.Fatal(err)
	}
	for _, x := range [][3]string{{"anna", "correct horse battery", "analyst"}, {"anna", "correct horse batterx", ""}, {"nobody", "correct horse battery", ""}, {"anna", "", ""}} {
		if got := w.CheckAccount(x[0], x[1]); got != x[2] {
			t.Errorf("%s with %q: %q, want %q", x[0], x[1], got, x[2])
		}
	}
	path := filepath.Join(dir, "kept", "accounts.json")
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "correct horse") || !strings.Contains(string(data), "$argon2id$v=19$m=65536,t=3,p=1$") {
		t.Errorf("kept: %s, %v", data, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	if err := w.DropAccount(t.Context(), "anna", "left"); err != nil {
		t.Fatal(err)
	}
	if got := w.RoleOf("anna"); got != "" {
		t.Errorf("is still %s", got)
	}
	trail, err := w.AuditTrail(t.Context())
	if err != nil || len(trail) != 2 || trail[0].Fields["subject"] != "anna is analyst" || trail[1].Why != "left" {
		t.Errorf("trail %v, %v", trail, err)
	}
}

func TestSettingLines_whatStandsWhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := "# a comment: none\nagency:\n  code: CA   # ours\nareas:\n  - name: One\n    name_fr: Un\nsettings: {small_below: 7, age_limit: 18}\nserve:\n  listen: \"off\"\n"
	if err := os.WriteFile(filepath.Join(dir, "tributary.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := (&Workspace{Dir: dir}).SettingLines()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]SettingLine{}
	for _, l := range lines {
		got[l.Name] = l
	}
	for name, want := range map[string]SettingLine{
		"agency.code": {"agency.code", "CA", "ours", 3}, "areas.name_fr": {"areas.name_fr", "Un", "", 6},
		"settings.small_below": {"settings.small_below", "7", "", 7}, "serve.listen": {"serve.listen", `"off"`, "", 9},
		"settings.variance_pct": {"settings.variance_pct", "10", "", 0},
	} {
		if got[name] != want {
			t.Errorf("%s: got %+v, want %+v", name, got[name], want)
		}
	}
}
