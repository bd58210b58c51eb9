package pages

import (
	"context"
	"strings"
	"time"
)

// Homes gives the first page.
type Homes interface {
	Home(ctx context.Context) (Home, error)
}

// Home is what the first page tells.
type Home struct {
	// Quarters are those shown, oldest first; Agencies has a delivery for each of them, in the same order.
	Quarters []string
	Agencies []Standing
	Tasks    []Task
	// Made says when each step was last made; Steps are all of them in order.
	Steps []string
	Made  map[string]time.Time
	// Runnable are the quarters that may be run, the one to propose first.
	Runnable []string
}

// Standing is one agency and its deliveries.
type Standing struct {
	Code, Name string
	Deliveries []Delivered
}

// Delivered is how a delivery stands; State is empty where none was due.
type Delivered struct {
	Quarter, State  string
	IsLate          bool
	Files, Findings int
}

// Task is something that needs a person.
type Task struct {
	// Kind is source, paused, partly, drift, blocks, late, submission, pairs or confirm.
	Kind, Agency, Quarter, Detail string
	Count                         int
}

func homeRoutes() []route {
	return []route{{pattern: "GET /{$}", may: See, file: "home.html", words: homeWords, do: home}}
}

// homeView is what the template sees: the words are chosen, the links are made.
type homeView struct {
	Home
	Tasks    []taskView
	Steps    []stepView
	Progress Progress
	MayRun   bool
	Marks    map[string]string
}

type taskView struct {
	Count       int
	Text, Where string
	// Note is more to say of it, or "".
	Note string
	Path string
}

type stepView struct {
	Name, What, State string
	Made              string
}

func home(v *Visit) error {
	h, err := v.Desk.Home(v.Context())
	if err != nil {
		return err
	}
	out := homeView{Home: h, MayRun: v.May(Work), Marks: stateMarks}
	if v.site.Runs != nil {
		out.Progress = v.site.Runs.Progress()
	}
	for _, t := range h.Tasks {
		x := taskView{Count: t.Count, Text: homeWords["task_"+t.Kind], Where: strings.TrimSpace(t.Agency + " " + t.Quarter), Path: taskPath(t)}
		if t.Kind == "source" {
			x.Note = t.Detail
		} else if t.Detail != "" {
			x.Where = t.Detail
		}
		out.Tasks = append(out.Tasks, x)
	}
	out.Steps = steps(h.Steps, h.Made, out.Progress)
	return v.Show(homeWords["title"], out)
}

// taskPath is where a task is done.
func taskPath(t Task) string {
	switch t.Kind {
	case "pairs":
		return "/review?kind=child"
	case "source":
		return "/agencies/" + t.Agency
	case "submission":
		id, _, _ := strings.Cut(t.Detail, " ")
		return "/submission/" + id
	case "late":
		return "/deliveries/" + t.Agency + "/" + t.Quarter
	case "confirm", "blocks", "drift":
		return "/deliveries/" + t.Agency + "/" + t.Quarter + "#causes"
	}
	return "/deliveries/" + t.Agency + "/" + t.Quarter + "#files"
}

// steps says of each step whether it is made, is being made, or waits.
func steps(all []string, made map[string]time.Time, p Progress) []stepView {
	var out []stepView
	isAfter := false
	for _, name := range all {
		s := stepView{Name: name, What: homeWords["step_"+name]}
		at, isMade := made[name]
		switch {
		case p.IsRunning && name == p.Step:
			s.State, isAfter = "now", true
		case p.IsRunning && isAfter:
			s.State = "waits"
		case p.IsRunning || isMade:
			s.State = "done"
		default:
			s.State = "waits"
		}
		if isMade {
			s.Made = at.Format("2006-01-02 15:04")
		}
		out = append(out, s)
	}
	return out
}
