package pages

import (
	"context"
	"net/url"
)

// Mappings lets an analyst change how an agency's files are read, and see first what would come of it.
type Mappings interface {
	// MappingOf is the mapping as it is written, and its stamp; ErrNotFound where there is none.
	MappingOf(ctx context.Context, code string) (text, stamp string, err error)
	// TryMapping says what a mapping would make of the newest delivery. It shows persons.
	TryMapping(ctx context.Context, code, text string) (MappingTrial, error)
	// KeepMapping writes a mapping in place of the one with the stamp; where another stands meanwhile, it is refused.
	KeepMapping(ctx context.Context, code, text, stamp, why string) error
}

// MappingTrial is what a mapping would make of the newest delivery, beside what the one that stands makes of it.
type MappingTrial struct {
	Quarter  string
	Sections []TrialSection
	Findings []TrialFinding
	Tables   []TrialTable
}

// TrialSection says where the records of a sheet would go, and how many were taken as it stands.
type TrialSection struct {
	File, Sheet, Table               string
	Read, Taken, SetAside, TakenThen int64
}

// TrialFinding is a check that would find something, how often, and how often it does as it stands.
type TrialFinding struct {
	Check, Severity, Column, Detail string
	Count, Then                     int64
}

// TrialTable is the first rows that one of our tables would get.
type TrialTable struct {
	Table   string
	Count   int64
	Columns []string
	Rows    [][]string
}

func mappingRoutes() []route {
	of := func(pattern string, do func(*Visit) error) route {
		return route{pattern: pattern, may: Work, file: "mapping.html", words: mappingWords, do: do}
	}
	return []route{of("GET /agencies/{code}/mapping", mappingForm), of("POST /agencies/{code}/mapping", changeMapping)}
}

// mappingView is what the page shows.
type mappingView struct {
	Code, Text, Stamp string
	IsTried           bool
	Trial             MappingTrial
}

func mappingForm(v *Visit) error {
	code := v.PathValue("code")
	if ok, err := v.Because("mapping of " + code); !ok {
		return err
	}
	text, stamp, err := v.Desk.MappingOf(v.Context(), code)
	if err != nil {
		return err
	}
	if typed := v.PostFormValue("text"); typed != "" { // a form that comes back
		text, stamp = typed, v.PostFormValue("stamp")
	}
	return v.Show(mappingWords["title"]+" "+code, mappingView{Code: code, Text: text, Stamp: stamp})
}

// changeMapping tries what was typed, and keeps it where that is asked for.
func changeMapping(v *Visit) error {
	code, text, stamp := v.PathValue("code"), v.FormValue("text"), v.FormValue("stamp")
	if v.FormValue("do") == "keep" {
		why, err := reason(v)
		if err == nil {
			err = v.Desk.KeepMapping(v.Context(), code, text, stamp, why)
		}
		if err != nil {
			return v.Retry(err, mappingForm)
		}
		return v.Leave("/agencies/"+url.PathEscape(code), mappingWords["kept"])
	}
	if ok, err := v.Because("mapping tried on the files of " + code); !ok {
		return err
	}
	trial, err := v.Desk.TryMapping(v.Context(), code, text)
	if err != nil {
		return v.Retry(err, mappingForm)
	}
	return v.Show(mappingWords["title"]+" "+code, mappingView{Code: code, Text: text, Stamp: stamp, IsTried: true, Trial: trial})
}
