package pipelines

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tributary"
	"tributary/pipelines/config"
	"tributary/pipelines/link"
	"tributary/pipelines/warehouse"
	"tributary/reports/forms"
)

// ErrNoClient says that no delivery holds a record that was asked for.
var ErrNoClient = errors.New("no delivery holds this record")

// linkage is the published link step with what it was made by.
type linkage struct {
	w       *Workspace
	db      *warehouse.DB
	quarter tributary.Quarter
	frozen
	// known is where records stand that were asked for; nil where none is.
	known map[link.Anchor]*member
}

// frozen is the model of the published links, and whether a person accepted it.
type frozen struct {
	model    *link.Frozen
	isFrozen bool
}

// errOtherVersion says that the published links lack a table that this program reads.
var errOtherVersion = errors.New("the published links were made by another version of tributary")

func (w *Workspace) linkage(ctx context.Context) (*linkage, error) {
	m, err := w.House.Current()
	if err != nil {
		return nil, err
	}
	db, err := w.House.Open(ctx, m.People())
	if err != nil {
		return nil, err
	}
	l := &linkage{w: w, db: db, quarter: m.Quarter, known: map[link.Anchor]*member{}}
	l.frozen, err = Remember(w, "link model", func() (frozen, error) {
		var f frozen
		var text string
		var hasMembers bool
		err := db.Scan(ctx, "select count(*) > 0 from duckdb_tables() where database_name = 'link' and table_name = 'member'", nil, &hasMembers)
		if err == nil && !hasMembers {
			err = errOtherVersion
		}
		if err == nil {
			err = db.Scan(ctx, "select model, is_frozen from link.model", nil, &text, &f.isFrozen)
		}
		if err == nil {
			f.model, err = link.ParseModel(text)
		}
		return f, err
	})
	if err != nil {
		if !errors.Is(err, errOtherVersion) {
			err = fmt.Errorf("read the published links: %w", err)
		}
		return nil, errors.Join(tributary.Fix(err, "build them again with: tributary run"), db.Close())
	}
	return l, nil
}

// member is where a record stands among children and families.
type member struct {
	node          int32
	isAlone       bool
	hasConsent    bool // of the newest quarter
	child, family string
}

// meet reads where records stand that were not asked for yet: of one that no delivery holds there is nothing.
func (l *linkage) meet(ctx context.Context, records ...link.Anchor) error {
	var clients []string
	for _, a := range records {
		a.Alone = false
		if _, isKnown := l.known[a]; !isKnown {
			l.known[a] = nil
			clients = append(clients, warehouse.Text(a.Client))
		}
	}
	if len(clients) == 0 {
		return nil
	}
	// By its number alone: the engine uses an index for one condition, not for two.
	return scanAll(ctx, l.db, "select agency, client_local_id, node, is_alone, has_consent, child_id, family_id from link.member where client_local_id in ("+
		strings.Join(clients, ", ")+") order by node", func(rows *sql.Rows) error {
		var a link.Anchor
		var m member
		err := rows.Scan(&a.Agency, &a.Client, &m.node, &m.isAlone, &m.hasConsent, &m.child, &m.family)
		if had, isAsked := l.known[a]; isAsked && had == nil { // the first is the one that may be linked, where there are two
			l.known[a] = &m
		}
		return err
	})
}

// Client is one record in an answer about linking.
type Client struct {
	link.Anchor
	// Node is its place among records that may be linked, 0 where the agreement has it counted alone.
	Node          int32
	Child, Family string
	// HasConsent is that of the newest quarter.
	HasConsent bool
	// Values are those of the newest quarter, by canonical column, where they may be shown; so are caregivers and addresses.
	Values     map[string]string
	caregivers []Caregiver
	lived      []Lived
}

// ShownColumns are the columns that tell one child from another, in the order in which people compare them.
var ShownColumns = []string{"given_name", "middle_names", "preferred_name", "family_name", "family_name_at_birth", "birth_date", "sex", "health_number",
	"caregiver", "phone", "email", "street_address", "municipality", "postal_code", "school"}

// ParseClient reads AGENCY:NUMBER.
func ParseClient(text string) (link.Anchor, error) {
	agency, client, ok := strings.Cut(text, ":")
	if !ok || agency == "" || client == "" {
		return link.Anchor{}, tributary.Fix(fmt.Errorf("%q names no record", text), "write the agency and its number, as in LCTC:LC-01003")
	}
	return link.Anchor{Agency: agency, Client: client}, nil
}

// client finds a record, or says which was probably meant.
func (l *linkage) client(ctx context.Context, a link.Anchor) (Client, error) {
	c := Client{Anchor: a}
	a.Alone = false
	if err := l.meet(ctx, a); err != nil {
		return c, err
	}
	m := l.known[a]
	if m == nil {
		return c, l.unknown(ctx, a)
	}
	c.Child, c.Family, c.HasConsent = m.child, m.family, m.hasConsent
	if !m.isAlone {
		c.Node = m.node
	}
	return c, nil
}

func (l *linkage) unknown(ctx context.Context, a link.Anchor) error {
	if _, err := l.w.Agency(a.Agency); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", a, ErrNoClient), err)
	}
	var known []string
	err := l.db.Rows(ctx, "select distinct client_local_id from link.client_consent where agency = ? order by client_local_id", []any{a.Agency}, func(scan func(...any) error) error {
		var s string
		err := scan(&s)
		known = append(known, s)
		return err
	})
	fix := "see the agency's numbers in its file"
	if meant := config.Guess(a.Client, known); meant != "" {
		fix = fmt.Sprintf("did you mean %s:%s?", a.Agency, meant)
	}
	return errors.Join(tributary.Fix(fmt.Errorf("%s: %w", a, ErrNoClient), fix), err)
}

// withheld says that the agreement does not allow to show one record's values beside the other's.
func withheld(a, b Client) bool {
	return a.Agency != b.Agency && !(a.HasConsent && b.HasConsent)
}

// values reads what the newest quarter says of a record, and where the child lived before.
func (l *linkage) values(ctx context.Context, c *Client) error {
	columns, values, into := []string{"quarter", "concat_ws(', ', street_address, municipality, postal_code)"}, map[string]*sql.NullString{}, []any{}
	var newest, address string
	into = append(into, &newest, &address)
	for _, name := range ShownColumns {
		values[name] = &sql.NullString{}
		if name != "caregiver" {
			columns, into = append(columns, name+"::varchar"), append(into, values[name])
		}
	}
	err := scanAll(ctx, l.db, "select "+strings.Join(columns, ", ")+" from core.client where agency = ? and client_local_id = ? order by quarter", func(rows *sql.Rows) error {
		err := rows.Scan(into...)
		if n := len(c.lived); n > 0 && c.lived[n-1].Address == address {
			c.lived[n-1].To = newest
		} else if address != "" {
			c.lived = append(c.lived, Lived{newest, newest, address})
		}
		return err
	}, c.Agency, c.Client)
	if err != nil {
		return err
	}
	err = scanAll(ctx, l.db, `select concat_ws(' ', given_name, family_name), coalesce(relationship, ''), coalesce(phone, ''), coalesce(email, ''), coalesce(street_address, ''),
			coalesce(is_primary::boolean, false), coalesce(lives_with::boolean, false)
		from core.caregiver where agency = ? and client_local_id = ? and quarter = ? order by is_primary desc nulls last, caregiver_number`, func(rows *sql.Rows) error {
		var g Caregiver
		err := rows.Scan(&g.Name, &g.Relationship, &g.Phone, &g.Email, &g.Address, &g.IsPrimary, &g.LivesWith)
		c.caregivers = append(c.caregivers, g)
		// Linking takes a caregiver's telephone and e-mail for the household's.
		for column, more := range map[string]string{"caregiver": g.Name, "phone": g.Phone, "email": g.Email} {
			values[column].String = forms.Together(values[column].String, more)
		}
		return err
	}, c.Agency, c.Client, newest)
	c.Values = map[string]string{}
	for name, v := range values {
		if v.String != "" {
			c.Values[name] = v.String
		}
	}
	return err
}

// PairOf finds the pair that a person names: two records, or the key of one that may not be shown.
func (w *Workspace) PairOf(ctx context.Context, names []string) (pair [2]link.Anchor, err error) {
	if len(names) == 2 {
		for i, n := range names {
			if pair[i], err = ParseClient(n); err != nil {
				return pair, err
			}
		}
		if pair[0] == pair[1] {
			err = tributary.Fix(fmt.Errorf("%s twice: one record is no pair", pair[0]), "name two records")
		}
		return pair, err
	}
	l, err := w.linkage(ctx)
	if err != nil {
		return pair, err
	}
	defer l.db.Close()
	found, err := l.byKey(ctx, names)
	if err != nil {
		return pair, err
	}
	pair, ok := found[names[0]]
	if !ok {
		return pair, tributary.Fix(fmt.Errorf("pair %q: %w", names[0], ErrNoClient), "name two records, as in LCTC:LC-01003, or a key that tributary link review prints")
	}
	return pair, nil
}

// byKey finds pairs by their keys, among all that were compared or decided about.
func (l *linkage) byKey(ctx context.Context, keys []string) (map[string][2]link.Anchor, error) {
	found, asked := map[string][2]link.Anchor{}, map[string]bool{}
	for _, k := range keys {
		asked[k] = true
	}
	look := func(a, b link.Anchor) {
		if k := link.PairKey(a, b); asked[k] {
			found[k] = [2]link.Anchor{a, b}
		}
	}
	decisions, err := l.w.decisions(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range decisions {
		look(d.Left, d.Right)
	}
	return found, l.db.Rows(ctx, `select a.agency, a.client_local_id, b.agency, b.client_local_id
from (select left_node, right_node from link.pair union select left_node, right_node from link.family_pair) as p
join link.node as a on a.node = p.left_node
join link.node as b on b.node = p.right_node`, nil, func(scan func(...any) error) error {
		var a, b link.Anchor
		err := scan(&a.Agency, &a.Client, &b.Agency, &b.Client)
		look(a, b)
		return err
	})
}

// Pair is the answer why two records are linked, or are not.
type Pair struct {
	Left, Right Client
	// Withheld says that the agreement does not allow to show values beside each other.
	Withheld bool
	Sentence string
	Terms    []link.Term
	Edge     link.Edge
	// IsCompared says that the two may be linked and so have a weight; Rules found them in the last run.
	IsCompared bool
	Rules      []string
	// Outcome is link, review, held, twin or apart; Because says why in words.
	Outcome, Because string
	// FamilyShares is what ties the two children's families, FamilyChance the probability that they are one.
	FamilyShares string
	FamilyChance float64
	IsOneFamily  bool
	// IsFamilyHeld says that they are two because other children of the two families speak against one.
	IsFamilyHeld bool
	Decisions    []Stands
}

// WhyLinked explains a pair of records, whether or not the last run compared them. It is a look at
// persons: the caller audits it. isNamed says that the asker knows which records they are.
func (w *Workspace) WhyLinked(ctx context.Context, one, other link.Anchor, isNamed bool) (*Pair, error) {
	l, err := w.linkage(ctx)
	if err != nil {
		return nil, err
	}
	defer l.db.Close()
	if err := l.meet(ctx, one, other); err != nil {
		return nil, err
	}
	var p Pair
	var left, right error
	p.Left, left = l.client(ctx, one)
	p.Right, right = l.client(ctx, other)
	if err := errors.Join(left, right); err != nil {
		return nil, err
	}
	if p.Withheld = withheld(p.Left, p.Right); !p.Withheld {
		if err := errors.Join(l.values(ctx, &p.Left), l.values(ctx, &p.Right)); err != nil {
			return nil, err
		}
	}
	standing, err := l.standingAbout(ctx, one, other)
	if err != nil {
		return nil, err
	}
	if err := l.weigh(ctx, &p); err != nil {
		return nil, err
	}
	decided, _ := link.Decide(standing) // contradictions were refused, or are named by the run
	verdict, chain := decided.Of(one, other)
	var known [2]link.Anchor
	if isNamed {
		known = [2]link.Anchor{one, other}
	}
	for _, s := range standing {
		isChain := slices.ContainsFunc(chain, func(d link.Decision) bool { return d.Left == s.Left && d.Right == s.Right })
		if isChain || slices.ContainsFunc([]link.Anchor{one, other}, func(a link.Anchor) bool { return s.Left == a || s.Right == a }) {
			shown, err := l.stands(ctx, s, known)
			if err != nil {
				return nil, err
			}
			p.Decisions = append(p.Decisions, shown)
		}
	}
	l.because(&p, verdict)
	return &p, nil
}

// weigh fills in what the engine says of the pair.
func (l *linkage) weigh(ctx context.Context, p *Pair) error {
	if p.Left.Node == 0 || p.Right.Node == 0 {
		return nil
	}
	var err error
	if p.Edge, p.Terms, err = link.Compare(ctx, l.db, l.model.Children, p.Left.Node, p.Right.Node); err != nil {
		return err
	}
	p.IsCompared = true
	p.Sentence = l.model.Children.Sentence(p.Edge, "en")
	err = l.db.Scan(ctx, "select rules, outcome from link.pair where left_node = ? and right_node = ?", []any{p.Edge.L, p.Edge.R}, &p.Edge.Rules, &p.Outcome)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	p.Rules = link.RulesOf(p.Edge.Rules)
	err = l.db.Scan(ctx, `select f.shares, f.probability, f.outcome = 'held'
from (select first_node from link.child where node = ?) as a, (select first_node from link.child where node = ?) as b, link.family_pair as f
where f.left_node = least(a.first_node, b.first_node) and f.right_node = greatest(a.first_node, b.first_node)`,
		[]any{p.Left.Node, p.Right.Node}, &p.FamilyShares, &p.FamilyChance, &p.IsFamilyHeld)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return err
}

// because says why the pair came out as it did.
func (l *linkage) because(p *Pair, verdict link.Verdict) {
	terms, chance := link.DefaultTerms(), p.Edge.Probability()
	p.IsOneFamily = p.Left.Family == p.Right.Family
	veto := l.model.Children.Vetoed(p.Edge)
	switch {
	case !p.IsCompared:
		p.Outcome, p.Because = "apart", "without consent the agreement has one of them counted alone"
	case p.Left.Child == p.Right.Child:
		p.Outcome = "link"
		switch {
		case verdict == link.Same:
			p.Because = "a person decided so"
		case chance >= terms.LinkAt && veto == "":
			p.Because = fmt.Sprintf("the probability is at least %.2f", terms.LinkAt)
		default:
			p.Because = "other records of the child hold the two together"
		}
	case verdict == link.Family || verdict == link.Different:
		p.Outcome, p.Because = "apart", "a person decided so"
	case verdict == link.Same:
		p.Outcome, p.Because = "apart", "a person decided that they are one child; the next run links them"
	case chance < terms.ReviewAt:
		p.Outcome, p.Because = "apart", fmt.Sprintf("the probability is under %.2f", terms.ReviewAt)
	case p.Left.Agency == p.Right.Agency && l.w.vouches(p.Left.Agency):
		p.Outcome, p.Because = "vouched", "the agency vouches that no child is in its files under two numbers"
	case veto == "twin":
		p.Outcome, p.Because = "twin", "born on one day and named differently, as twins are: no weight outvotes that"
	case veto == "generation":
		p.Outcome, p.Because = "twin", "born a generation apart, as a parent and a child of one name are: no weight outvotes that"
	case chance >= terms.LinkAt:
		p.Outcome, p.Because = "held", "other records of the two children speak against it"
	default:
		p.Outcome, p.Because = "review", fmt.Sprintf("the probability lies between %.2f and %.2f: a person should say", terms.ReviewAt, terms.LinkAt)
	}
}
