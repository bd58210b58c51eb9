package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tributary"
	"tributary/pipelines/link"
)

// Review keeps the queue of a generation while people work through it: to ask for it reads every pair, and what is
// decided changes it only by the pair that was decided about.
type Review struct {
	mu         sync.Mutex
	generation int
	// stood are the decisions that stood when the queue was read, by key: where one of them is taken back, it is read again.
	stood map[string]string
	// asked are the questions as they stood, and at where each is by its key.
	asked []Asked
	at    map[string]int
}

// Asked is a question with its key, and the decision that was made since the queue was read.
type Asked struct {
	Question
	Key string
	// Doubt and Does are the question's Why and Effect in English.
	Doubt, Does string
	Decided     *link.Decision
	// Mine is what the person who asks said of it, where two must agree and do not yet; Differing is what people said
	// who do not agree: for an analyst's eyes, never for those of whoever is still to answer blind.
	Mine      *Opinion
	Differing []Opinion
}

// Asked lists the questions of the published generation in the order of Queue, those decided since with their decision.
func (w *Workspace) Asked(ctx context.Context, r *Review) ([]Asked, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	decisions, err := w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	opinions := map[string][]Opinion{}
	if w.Settings.Review.Twice {
		if opinions, err = w.opinions(ctx); err != nil {
			return nil, err
		}
	}
	now := map[string]*link.Decision{}
	for i, d := range decisions {
		now[link.PairKey(d.Left, d.Right)] = &decisions[i]
	}
	isUndone := false
	for key := range r.stood {
		isUndone = isUndone || now[key] == nil
	}
	if r.generation != m.Generation || isUndone {
		questions, err := w.Queue(ctx, 0)
		if err != nil {
			return nil, err
		}
		r.generation, r.stood, r.asked, r.at = m.Generation, map[string]string{}, make([]Asked, len(questions)), map[string]int{}
		for key, d := range now {
			r.stood[key] = Stamp(d)
		}
		for i, q := range questions {
			r.asked[i] = Asked{Question: q, Key: link.PairKey(q.Left, q.Right), Doubt: q.Why("en"), Does: q.Effect("en")}
			r.at[r.asked[i].Key] = i
		}
	}
	out := slices.Clone(r.asked)
	for key, said := range opinions {
		i, ok := r.at[key]
		if !ok {
			continue
		}
		if o, ok := opinionBy(said, w.Who); ok {
			out[i].Mine = &o
		}
		if differ(said) {
			out[i].Differing = said
		}
	}
	for key, d := range now {
		if i, ok := r.at[key]; ok && Stamp(d) != r.stood[key] {
			out[i].Decided, out[i].Mine, out[i].Differing = d, nil, nil
		}
	}
	return out, nil
}

// Stamp says which decision about a pair stands, in a word that changes with every decision; "" where none does.
func Stamp(d *link.Decision) string {
	if d == nil {
		return ""
	}
	return link.Digest(string(d.Verdict), d.Who, d.At.UTC().Format(time.RFC3339Nano), d.Why)
}

// StandsOn finds the decision that stands about a pair, nil where none does.
func (w *Workspace) StandsOn(ctx context.Context, pair [2]link.Anchor) (*link.Decision, error) {
	decisions, err := w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	key := link.PairKey(pair[0], pair[1])
	at := slices.IndexFunc(decisions, func(d link.Decision) bool { return link.PairKey(d.Left, d.Right) == key })
	if at < 0 {
		return nil, nil
	}
	return &decisions[at], nil
}

// ErrDecidedSince says that another person decided about the pair after it was shown.
var ErrDecidedSince = errors.New("was decided by another person meanwhile")

// DecideSeen decides about a pair as Decide does, when what stood is still what the person saw (Stamp).
func (w *Workspace) DecideSeen(ctx context.Context, d link.Decision, seen string) (Effect, error) {
	effects, err := w.decideWhile(ctx, []link.Decision{d}, deciding{}, func() error {
		stands, err := w.StandsOn(ctx, [2]link.Anchor{d.Left, d.Right})
		if err != nil || Stamp(stands) == seen {
			return err
		}
		what := "it was taken back"
		if stands != nil {
			what = fmt.Sprintf("%s, %s: %s: %s", stands.Who, stands.At.Format("2006-01-02 15:04"), stands.Verdict, stands.Why)
		}
		return tributary.Fix(fmt.Errorf("pair %s %w: %s", link.PairKey(d.Left, d.Right), ErrDecidedSince, what), "look at it again; to say something else, answer again")
	})
	if err != nil {
		return Effect{}, err
	}
	return effects[0], nil
}

// Around is what stands around one record: who cares for the child, who else lives with the child, and where.
type Around struct {
	Caregivers []Caregiver
	// Others are the other records of the same child, and Siblings those of other children of the family, as far as
	// the agreement lets them be shown here.
	Others, Siblings []Relative
	Addresses        []Lived
}

// Caregiver is one caregiver of the newest quarter.
type Caregiver struct {
	Name, Relationship, Phone, Email, Address string
	IsPrimary, LivesWith                      bool
}

// Relative is another record of the child, or of the family.
type Relative struct{ Agency, Client, Name, BornOn, Child string }

// Lived is an address, with the first and last quarter that an agency gave it in.
type Lived struct{ From, To, Address string }

// AroundPair reads what stands around the two records of a pair. It is a look at persons: the caller audits it.
// Where the agreement withholds the pair there is nothing.
func (w *Workspace) AroundPair(ctx context.Context, p *Pair) (out [2]Around, err error) {
	if p.Withheld {
		return out, nil
	}
	l, err := w.linkage(ctx)
	if err != nil {
		return out, err
	}
	defer l.db.Close()
	for i, c := range []Client{p.Left, p.Right} {
		if err := l.around(ctx, c, p, &out[i]); err != nil {
			return out, fmt.Errorf("around a record of %s: %w", c.Agency, err)
		}
	}
	return out, nil
}

func (l *linkage) around(ctx context.Context, c Client, p *Pair, out *Around) error {
	out.Caregivers, out.Addresses = c.caregivers, c.lived
	// All that is shown stands beside each other: records with consent, or those of the pair's one agency alone.
	isOpen := p.Left.HasConsent && p.Right.HasConsent
	// By the family alone: the engine uses an index for one condition, not for two.
	return scanAll(ctx, l.db, `select agency, client_local_id, child_id, concat_ws(' ', given_name, family_name), coalesce(birth_date::varchar, ''), is_alone, has_consent
		from link.member where family_id = ? order by agency, client_local_id`,
		func(rows *sql.Rows) error {
			var r Relative
			var isAlone, hasConsent bool
			err := rows.Scan(&r.Agency, &r.Client, &r.Child, &r.Name, &r.BornOn, &isAlone, &hasConsent)
			a := link.Anchor{Agency: r.Agency, Client: r.Client}
			switch {
			case isAlone, isOpen && !hasConsent, !isOpen && r.Agency != c.Agency:
			case a == p.Left.Anchor || a == p.Right.Anchor:
			case r.Child == c.Child:
				out.Others = append(out.Others, r)
			default:
				out.Siblings = append(out.Siblings, r)
			}
			return err
		}, c.Family)
}
