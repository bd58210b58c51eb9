package pages

import (
	"encoding/json"
	"net/http"
	"time"
)

// Runs is the run that is started from a page: the same as the verb's, one at a time.
type Runs interface {
	// Start begins the run of a quarter and returns at once; it is an error when one is under way.
	Start(who, quarter string) error
	// Progress is where the run stands, or how the last one ended.
	Progress() Progress
}

// Progress is where a run stands.
type Progress struct {
	IsRunning    bool
	Quarter, Who string
	Step, Detail string
	Began, Ended time.Time
	// Outcome is how the last run ended, in a sentence; Faults are those of single agencies.
	Outcome string
	IsWell  bool
	Faults  []Fault
}

// Fault is what went wrong and what to do.
type Fault struct{ What, Fix string }

func runRoutes() []route {
	return []route{
		{pattern: "POST /run", may: Work, words: homeWords, do: startRun},
		{pattern: "GET /run/progress", may: See, words: homeWords, do: progress},
		{pattern: "GET /because", may: Named, words: homeWords, do: func(v *Visit) error { return v.askWhy(gate{To: local(v.FormValue("to"))}) }},
		{pattern: "POST /because", may: Named, words: homeWords, do: because},
	}
}

func startRun(v *Visit) error {
	if err := v.site.Runs.Start(v.session.who, v.FormValue("quarter")); err != nil {
		return err
	}
	return v.Leave("/", homeWords["run_started"])
}

// progress is what the first page asks for again and again while a run is under way.
func progress(v *Visit) error {
	p := v.site.Runs.Progress()
	number, _ := v.Desk.Generation()
	v.Out.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.Out).Encode(map[string]any{"running": p.IsRunning, "step": p.Step, "detail": p.Detail, "generation": number})
}

// because keeps why a person looks at named records, for this visit.
func because(v *Visit) error {
	why, err := reason(v)
	g := gate{To: local(v.FormValue("to")), Kept: keptIn(v.PostForm)}
	if err != nil {
		return v.Retry(err, func(v *Visit) error { return v.askWhy(g) })
	}
	v.site.sessions.mu.Lock()
	v.session.because = why
	v.site.sessions.mu.Unlock()
	if len(g.Kept) > 0 {
		return v.show(http.StatusOK, "again.html", shared["again_title"], g)
	}
	http.Redirect(v.Out, v.Request, g.To, http.StatusSeeOther)
	return nil
}
