package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines"
	"tributary/pipelines/ledger"
	"tributary/pipelines/mapping"
	"tributary/reports/pages"
)

// agencyRow is one agency as lists show it.
func (d *desk) agencyRow(a *mapping.Agency, contacts []pipelines.Contact, owed []pipelines.Delivery) pages.AgencyRow {
	r := pages.AgencyRow{Code: a.Code, Name: a.Name, Role: strings.ReplaceAll(a.Role, "_", " "), Source: pipelines.SourceKind(a), Schedule: a.Schedule,
		Due: a.DueOn(d.LastEnded(), d.Settings.DueDays).Format("2006-01-02")}
	if r.Schedule == "" {
		r.Schedule = d.Settings.Serve.Schedule
	}
	r.Schedule = spoken(r.Schedule)
	if u, ok := d.Unread()[a.Code]; ok {
		r.Unread = u.String()
	}
	var emails []string
	for _, c := range contacts {
		if c.Agency == a.Code && !slices.Contains(emails, c.Email) {
			emails = append(emails, c.Email)
		}
	}
	r.Contacts = strings.Join(emails, ", ")
	for _, x := range owed {
		if x.Agency == a.Code {
			r.State, r.Quarter, r.IsLate = x.State, x.Quarter, x.IsLate
		}
	}
	return r
}

// spoken says the usual schedules in words; another one stays as it is written.
func spoken(schedule string) string {
	var minute, hour int
	var days string
	if n, _ := fmt.Sscanf(schedule, "%d %d * * %s", &minute, &hour, &days); n != 3 {
		return schedule
	}
	words, ok := map[string]string{"*": "daily", "1-5": "on weekdays"}[days]
	if !ok {
		return schedule
	}
	return fmt.Sprintf("%s at %02d:%02d", words, hour, minute)
}

// known reads who to write to, and how deliveries stand.
func (d *desk) known(ctx context.Context) ([]pipelines.Contact, []pipelines.Delivery, error) {
	owed, err := d.Owed(ctx)
	if err != nil || d.m.Generation == 0 {
		return nil, owed, err
	}
	contacts, err := d.Contacts(ctx)
	return contacts, owed, err
}

// AgencyRows lists the agencies that deliver, and those that do not.
func (d *desk) AgencyRows(ctx context.Context) ([]pages.AgencyRow, error) {
	contacts, owed, err := d.known(ctx)
	if err != nil {
		return nil, err
	}
	var out []pages.AgencyRow
	for _, a := range d.Agencies {
		if a.Code != "REGISTER" {
			out = append(out, d.agencyRow(a, contacts, owed))
		}
	}
	return out, nil
}

// AgencyOf tells of one agency.
func (d *desk) AgencyOf(ctx context.Context, code string) (pages.Agency, error) {
	var out pages.Agency
	a, err := d.Agency(code)
	if err != nil {
		return out, fmt.Errorf("agency %q: %w", code, pages.ErrNotFound)
	}
	contacts, owed, err := d.known(ctx)
	if err != nil {
		return out, err
	}
	out = pages.Agency{AgencyRow: d.agencyRow(a, contacts, owed), NameFR: a.NameFR, Category: a.Category, Language: a.Language, Area: a.Area}
	if a.Linking != nil {
		out.Linking, out.Authority = strings.ReplaceAll(a.Linking.WithoutConsent, "_", " "), a.Linking.Authority
	}
	for _, c := range contacts {
		if c.Agency == code {
			out.People = append(out.People, pages.Contact{Role: c.Role, Email: c.Email, Language: c.Language})
		}
	}
	for _, x := range owed {
		if x.Agency == code {
			out.Deliveries = append(out.Deliveries, pages.Delivered{Quarter: x.Quarter, State: x.State, IsLate: x.IsLate, Files: x.Files, Findings: x.Findings})
		}
	}
	slices.Reverse(out.Deliveries)
	if out.File, out.Text, err = d.MappingText(a); err != nil {
		return out, err
	}
	if out.SQL, err = d.MappingSQL(ctx, a); err != nil {
		return out, err
	}
	if d.m.Generation > 0 {
		columns, err := d.MappedColumns(ctx, code)
		for _, c := range columns {
			out.Columns = append(out.Columns, pages.MappedColumn(c))
		}
		return out, err
	}
	return out, nil
}

// Reach tries an agency's source.
func (d *desk) Reach(ctx context.Context, code string) (string, error) {
	a, err := d.Agency(code)
	if err != nil {
		return "", fmt.Errorf("agency %q: %w", code, pages.ErrNotFound)
	}
	said, err := d.CheckSource(ctx, a)
	if err != nil && tributary.FixOf(err) == "" {
		err = tributary.Fix(err, "see more with: tributary doctor "+code)
	}
	return said, err
}

// Generations lists the published states that are kept.
func (d *desk) Generations(context.Context) ([]pages.Generation, error) {
	all, made, err := d.House.Generations()
	var out []pages.Generation
	for i, m := range all {
		g := pages.Generation{Number: m.Generation, Quarter: m.Quarter.String(), Program: m.Program, Made: made[i].Format("2006-01-02 15:04"), IsCurrent: m.Generation == d.m.Generation}
		if i+1 < len(all) {
			for _, step := range slices.Sorted(maps.Keys(m.Steps)) {
				if m.Steps[step] != all[i+1].Steps[step] {
					g.Built = append(g.Built, step)
				}
			}
		}
		out = append(out, g)
	}
	return out, err
}

// entriesOnPage is how many entries are read at once.
const entriesOnPage = 100

// AuditLog reads a page of the audit trail, the newest first.
func (d *desk) AuditLog(ctx context.Context, kind string, page int) (pages.AuditPage, error) {
	var out pages.AuditPage
	if err := d.Ledger.Verify(ctx); err != nil {
		out.Fault = err.Error() + "; " + tributary.FixOf(err)
	}
	all, err := d.AuditTrail(ctx)
	if err != nil {
		return out, err
	}
	for _, e := range all {
		verb, _ := pipelines.AuditWords(e)
		if !slices.Contains(out.Kinds, verb) {
			out.Kinds = append(out.Kinds, verb)
		}
	}
	slices.Sort(out.Kinds)
	all = slices.DeleteFunc(all, func(e ledger.Entry) bool {
		verb, _ := pipelines.AuditWords(e)
		return kind != "" && verb != kind
	})
	slices.Reverse(all)
	out.All = len(all)
	for _, e := range all[min(len(all), (page-1)*entriesOnPage):min(len(all), page*entriesOnPage)] {
		verb, subject := pipelines.AuditWords(e)
		out.Entries = append(out.Entries, pages.Entry{Number: e.Seq, At: e.At.Format("2006-01-02 15:04"), Who: e.Who, Kind: verb, What: subject, Why: e.Why, Ends: e.Ends})
	}
	return out, nil
}

// SettingsOf lists the settings and where they stand.
func (d *desk) SettingsOf(context.Context) ([]pages.Setting, error) {
	lines, err := d.SettingLines()
	var out []pages.Setting
	for _, l := range lines {
		out = append(out, pages.Setting{Name: l.Name, Value: l.Value, Meaning: l.Meaning, File: "tributary.yaml", Line: l.Line})
	}
	return out, err
}
