package link

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// peopleSQL asks for the people of some nodes: one row per record of a source, standardised, its texts in
// one, for each value that leaves the engine has its price. What is between two texts is in none.
const peopleSQL = `select node, is_age, concat_ws(chr(30), translate(coalesce(source, ''), chr(30), ' '), coalesce(given, ''), coalesce(given_rest, ''),
    coalesce(array_to_string(given_other, chr(31)), ''), coalesce(family, ''), coalesce(array_to_string(family_parts, chr(31)), ''), coalesce(birth_digits, ''), coalesce(sex, ''), coalesce(postal, ''),
    coalesce(street_number, ''), coalesce(street, ''), coalesce(unit, ''), coalesce(city, ''), coalesce(array_to_string(phones, chr(31)), ''),
    translate(coalesce(array_to_string(emails, chr(31)), ''), chr(30), ' '), coalesce(array_to_string(caregivers, chr(31)), ''), coalesce(identifier, ''))
from person
where node >= %d and node < %d`

// betweenTexts stands between the texts of peopleSQL, between between the members of a list.
const betweenTexts, between = "\x1e", "\x1f"

// aside is what is needed of a person only until its record is whole.
type aside struct {
	shape            uint64
	isHere           bool
	isNamed, isWhole bool
}

// copied is a record that says the same as the first of its source.
type copied struct {
	node, first      int32
	isNamed, isWhole bool
}

// prepare makes the records from memory.person, after those that are known. Equal records of one source
// stand once.
func (e *engine) prepare(ctx context.Context) error {
	err := e.db.Scan(ctx, "select (select coalesce(max(node) + 1, 0) from person), current_setting('threads')::integer", nil, &e.nodes, &e.workers)
	if err != nil {
		return err
	}
	asides, err := e.people(ctx)
	if err != nil {
		return err
	}
	isOverused := e.overusesJanuary()
	asides = e.setCopiesAside(asides)
	first := e.known.count()
	for i := range e.records[first:] {
		if r := &e.records[first+i]; isOverused && r.isJanuary() { // it stands for a day that nobody knew
			r.setBirth(string(r.birth[:4]))
		}
	}
	if e.learned == nil {
		e.learned = &Learned{model: e.model, january: isOverused, rarity: e.countPeople()}
	} else {
		e.knowPeople(first)
	}
	if e.isKept {
		e.raw = rawOf(e.records, asides)
	}
	hubs := e.hubs()
	e.isOld = e.known.areOld(len(e.records), hubs)
	e.offices = hubs
	e.inParallel(evenParts, func(part, _ int) {
		var arena []uint64
		for i := len(e.records) * part / evenParts; i < len(e.records)*(part+1)/evenParts; i++ {
			e.records[i].finish(hubs, &arena)
		}
	})
	return nil
}

// people reads memory.person in the order of the nodes; the known come first.
func (e *engine) people(ctx context.Context) ([]aside, error) {
	forms, err := e.otherForms(ctx)
	if err != nil {
		return nil, err
	}
	known := e.known.nodeCount()
	e.nodes = max(e.nodes, known)
	fresh, asides := make([]record, e.nodes-known), make([]aside, e.nodes-known)
	parts := max(1, min(e.workers, len(fresh)/10_000))
	errs, own := make([]error, parts), make([]*words, parts)
	from := func(part int) int { return len(fresh) * part / parts }
	e.inParallel(parts, func(part, _ int) {
		own[part] = newWords(forms)
		errs[part] = e.peopleOf(ctx, own[part], fresh, asides, known, from(part), from(part+1))
	})
	all := newWords(nil)
	if e.known != nil {
		all = e.known.words
	}
	for _, w := range own {
		all.take(w)
	}
	e.inParallel(parts, func(part, _ int) {
		for i := from(part); i < from(part+1); i++ {
			fresh[i].share()
		}
	})
	e.records = fresh
	if e.known != nil {
		e.records, asides = append(e.known.records, fresh...), append(e.known.asides(), asides...)
		e.copied = e.known.copied
	}
	return e.only(asides, func(a *aside) bool { return a.isHere }), errors.Join(errs...)
}

// only keeps some of the records, and what stands beside them.
func (e *engine) only(asides []aside, is func(*aside) bool) []aside {
	kept := 0
	for i := range asides {
		if is(&asides[i]) {
			if kept < i {
				e.records[kept], asides[kept] = e.records[i], asides[i]
			}
			kept++
		}
	}
	e.records = e.records[:kept]
	return asides[:kept]
}

// otherForms are what else a name may be.
type otherForms struct {
	roots map[string][]uint64 // of a given name that is short for them
	sound map[string]uint64
}

func (e *engine) otherForms(ctx context.Context) (*otherForms, error) {
	s := &otherForms{map[string][]uint64{}, map[string]uint64{}}
	err := e.db.Each(ctx, "select name, unnest(roots) from nickname", func(v []driver.Value) error {
		s.roots[v[0].(string)] = append(s.roots[v[0].(string)], hash(v[1].(string)))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, e.db.Each(ctx, "select name, link_sound(name) from (select given as name from person union select family from person) where name is not null", func(v []driver.Value) error {
		s.sound[v[0].(string)] = hash(v[1].(string))
		return nil
	})
}

// peopleOf reads the people at some places after the first node.
func (e *engine) peopleOf(ctx context.Context, dictionary *words, people []record, asides []aside, first, from, to int) error {
	var arena, values []uint64
	return e.db.Each(ctx, fmt.Sprintf(peopleSQL, first+from, first+to), func(v []driver.Value) error {
		var text [textColumns]string
		all := v[2].(string)
		i := 0
		for t := range strings.SplitSeq(all, betweenTexts) {
			text[i] = t
			i++
		}
		place := int(v[0].(int32)) - first
		r, a := &people[place], &asides[place]
		a.isHere = true
		r.node, r.isAge = v[0].(int32), v[1] == true
		a.shape = hash(all)
		if r.isAge {
			a.shape++
		}
		values = r.read(a, &text, dictionary, values[:0])
		r.values = keep(&arena, values)
		return nil
	})
}

// keep copies values into an arena, which holds those of many records in one piece.
func keep(arena *[]uint64, values []uint64) []uint64 {
	if cap(*arena)-len(*arena) < len(values) {
		*arena = make([]uint64, 0, max(1<<14, len(values)))
	}
	from := len(*arena)
	*arena = append(*arena, values...)
	return (*arena)[from:len(*arena):len(*arena)]
}

// The texts of peopleSQL.
const (
	textSource = iota
	textGiven
	textRest
	textOther
	textFamily
	textParts
	textBirth
	textSex
	textPostal
	textNumber
	textStreet
	textUnit
	textCity
	textPhones
	textEmails
	textCaregivers
	textIdentifier
	textColumns
)

// mostValues is how many values of a trait count, the first ones: no child has more, but a file may.
const mostValues = 20

// read fills a record, but for what follows from other values or from the whole file, and appends the
// values of its traits to some.
func (r *record) read(a *aside, text *[textColumns]string, dictionary *words, values []uint64) []uint64 {
	get := func(column int) *word { return dictionary.get(text[column]) }
	r.source = hash(text[textSource])
	r.given, r.family, r.middle, r.identifier = get(textGiven), get(textFamily), get(textRest), get(textIdentifier)
	copy(r.postal[:], text[textPostal])
	r.setBirth(text[textBirth])
	if sex := text[textSex]; sex != "" {
		r.sex = sex[0]
	}
	said := 0
	for _, i := range []int{textGiven, textFamily, textBirth} {
		if text[i] != "" {
			said++
		}
	}
	isTied := text[textStreet]+text[textPostal]+text[textPhones]+text[textEmails]+text[textCaregivers] != ""
	a.isNamed = text[textIdentifier] != "" || said == 3 || said == 2 && isTied
	a.isWhole = said == 3 && len(text[textBirth]) == 8 && (isTied || text[textIdentifier] != "")
	add := func(s string) {
		if s != "" {
			values = append(values, hash(s))
		}
	}
	is := func(w *word) {
		if w != nil {
			values = append(values, w.hash)
		}
	}
	each := func(list string, of func(string) string) {
		n := 0
		for s := range strings.SplitSeq(list, between) {
			if n++; n <= mostValues {
				add(of(s))
			}
		}
	}
	same := func(s string) string { return s }
	before := func(mark string) func(string) string {
		return func(s string) string {
			first, _, _ := strings.Cut(s, mark)
			return first
		}
	}
	for t := range traitCount {
		switch t {
		case tGiven:
			if r.given != nil {
				is(r.given)
				if first, _, _ := strings.Cut(text[textRest], " "); first != "" {
					add(text[textGiven] + first)
				}
				each(text[textOther], same)
				values = append(values, r.given.roots...)
			}
		case tFamily:
			each(text[textParts], same)
		case tMiddle:
			each(strings.ReplaceAll(text[textRest], " ", between), same)
		case tPhone:
			each(text[textPhones], same)
		case tEmail:
			each(text[textEmails], same)
		case tEmailName:
			each(text[textEmails], before("@"))
		case tCaregiver:
			each(text[textCaregivers], same)
		case tCaregiverGiven:
			each(text[textCaregivers], before(" "))
		case tGivenName:
			is(r.given)
		case tFamilyName:
			is(r.family)
		case tGivenSound:
			if r.given != nil {
				values = append(values, r.given.sound)
			}
		case tFamilySound:
			if r.family != nil {
				values = append(values, r.family.sound)
			}
		case tPostal:
			add(text[textPostal])
		case tArea:
			add(text[textPostal][:min(3, len(text[textPostal]))])
		case tStreet:
			add(text[textStreet])
		case tStreetNumber:
			add(text[textNumber])
		case tCity:
			add(text[textCity])
		case tNumber:
			is(r.identifier)
		}
		r.ends[t] = uint8(len(values))
	}
	return values
}

func (r *record) isJanuary() bool { return r.isDate && r.month == 1 && r.day == 1 }

// overusesJanuary says whether the first of January is far too common among birth dates.
func (e *engine) overusesJanuary() bool {
	if e.learned != nil {
		return e.learned.january
	}
	dates, january := 0, 0
	for i := range e.records {
		if e.records[i].isDate {
			dates++
		}
		if e.records[i].isJanuary() {
			january++
		}
	}
	return float64(january) > 5+2*float64(dates)/365
}

// setCopiesAside leaves the records that say the same as an earlier one of their source.
func (e *engine) setCopiesAside(asides []aside) []aside {
	var all grouper
	for i := range asides {
		all.add(mix(e.records[i].source, asides[i].shape), int32(i))
	}
	for block := range blocksOf(all.group()) {
		for _, k := range block[1:] {
			a := &asides[k.record]
			a.isHere = false
			e.copied = append(e.copied, copied{e.records[k.record].node, e.records[block[0].record].node, a.isNamed, a.isWhole})
		}
	}
	slices.SortFunc(e.copied, func(a, b copied) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.node, b.node)) })
	return e.only(asides, func(a *aside) bool { return a.isHere })
}

// counted are the values of which one may be rarer than another.
var counted = []struct {
	value func(*record) uint64
	who   trait // who a person is, beside the birth date; traitCount: nothing else
	// at is where a record keeps how many people have its value, if it does, and how rare it is.
	at func(r *record) (people *int32, bits *float32)
}{
	{of(tGivenName), tFamilyName, func(r *record) (*int32, *float32) { return &r.givenPeople, &r.givenBits }},
	{of(tFamilyName), tGivenName, func(r *record) (*int32, *float32) { return nil, &r.familyBits }},
	{(*record).names, traitCount, func(r *record) (*int32, *float32) { return &r.namesPeople, &r.namesBits }},
	{(*record).house, tGivenName, func(r *record) (*int32, *float32) { return &r.streetPeople, &r.streetBits }},
	{of(tPostal), tGivenName, func(r *record) (*int32, *float32) { return nil, &r.postalBits }},
	{of(tArea), tGivenName, func(r *record) (*int32, *float32) { return nil, &r.areaBits }},
	{of(tCity), tGivenName, func(r *record) (*int32, *float32) { return nil, &r.cityBits }},
}

func of(t trait) func(*record) uint64 { return func(r *record) uint64 { return r.first(t) } }

// house is one hash of street and number.
func (r *record) house() uint64 {
	if !r.has(tStreet) || !r.has(tStreetNumber) {
		return 0
	}
	return mix(r.first(tStreet), r.first(tStreetNumber))
}

// rare is how many people have a value, and how many bits the agreement on it is worth.
type rare struct {
	people int32
	bits   float32
}

func (r rare) set(people *int32, bits *float32) {
	*bits = r.bits
	if people != nil {
		*people = r.people
	}
}

// countPeople says of each record how many people bear its values, over distinct people as far as anyone
// can tell: a child sent by six agencies does not make its name common. It returns, by counted, how rare a
// value is that nobody has.
func (e *engine) countPeople() []rarity {
	// Copied out of the records, they lie close together: what is looked up here comes in the order of values.
	born, names := make([]uint64, len(e.records)), map[trait][]uint64{traitCount: nil}
	for _, t := range []trait{tGivenName, tFamilyName} {
		names[t] = make([]uint64, len(e.records))
		for i := range e.records {
			names[t][i] = e.records[i].first(t)
		}
	}
	for i := range e.records {
		r := &e.records[i]
		born[i] = mix(uint64(r.year), mix(uint64(r.month), uint64(r.day)))
	}
	out, own := make([]rarity, len(counted)), make([]struct {
		grouper
		found []rare
		who   []uint64
	}, e.workers)
	e.inParallel(len(counted), func(i, worker int) {
		field, w := counted[i], &own[worker]
		name := names[field.who]
		for i := range e.records {
			if v := field.value(&e.records[i]); v != 0 {
				w.add(v, int32(i))
			}
		}
		all := w.group()
		if w.found == nil {
			w.found = make([]rare, len(e.records))
		}
		total := 0
		for block := range blocksOf(all) {
			w.who = w.who[:0]
			for _, k := range block {
				who := born[k.record]
				if name != nil {
					who = mix(name[k.record], who)
				}
				w.who = append(w.who, who)
			}
			slices.Sort(w.who)
			n := len(slices.Compact(w.who))
			total += n
			for _, k := range block {
				w.found[k.record].people = int32(n)
			}
		}
		out[i].unseen = float32(math.Log2(float64(max(1, total))))
		for i := range e.records {
			r := &e.records[i]
			if v := w.found[i]; v.people > 0 {
				v.bits = float32(math.Log2(float64(total) / float64(v.people)))
				v.set(field.at(r))
				w.found[i] = rare{}
			}
		}
	})
	return out
}

// Hubs: what more records than isShared with more surnames than these have in common is an office, a
// shelter, a placeholder, and says nothing of a home.
const isShared = 8

var mostFamilies = map[trait]int{tPhone: 8, tEmail: 8, tCaregiver: 12}

// hubs are the values that are.
func (e *engine) hubs() map[trait]map[uint64]bool {
	found, own := make([]map[uint64]bool, len(officeTraits)), make([]grouper, e.workers)
	e.inParallel(len(officeTraits), func(at, worker int) {
		t, by := officeTraits[at], &own[worker]
		for i := range e.records {
			for _, v := range e.records[i].of(t) {
				by.add(v, int32(i))
			}
		}
		found[at] = map[uint64]bool{}
		for block := range blocksOf(by.group()) {
			if len(block) <= isShared {
				continue
			}
			families := map[uint64]bool{}
			for _, k := range block {
				if f := e.records[k.record].first(tFamilyName); f != 0 {
					families[f] = true
				}
			}
			if len(families) > mostFamilies[t] {
				found[at][block[0].key] = true
			}
		}
	})
	out := map[trait]map[uint64]bool{}
	for i, t := range officeTraits {
		out[t] = found[i]
	}
	return out
}

// finish makes the values of the traits that follow from others, and leaves hubs out.
func (r *record) finish(hubs map[trait]map[uint64]bool, arena *[]uint64) {
	made := [traitCount]uint64{}
	made[tFullName] = r.names()
	if r.isDate {
		made[tBirth] = mix(uint64(r.year), mix(uint64(min(r.month, r.day)), uint64(max(r.month, r.day))))
	}
	for i, n := range []int16{r.year, int16(r.month), int16(r.day)} {
		if n != 0 {
			made[tYear+trait(i)] = mix(uint64(i), uint64(n))
		}
	}
	var room [256]uint64
	values, ends := room[:0], [traitCount]uint8{}
	for t := range traitCount {
		of := t // what goes with a hub goes with it
		switch t {
		case tEmailName:
			of = tEmail
		case tCaregiverGiven:
			of = tCaregiver
		}
		begin, source, isHub := len(values), r.of(of), hubs[of]
		for i, v := range r.of(t) {
			if !slices.Contains(values[begin:], v) && !(len(isHub) > 0 && i < len(source) && isHub[source[i]]) {
				values = append(values, v)
			}
		}
		if made[t] != 0 {
			values = append(values, made[t])
		}
		ends[t] = uint8(len(values))
	}
	r.values, r.ends = keep(arena, values), ends
	r.mark()
}

// names is one hash of both names, either way round.
func (r *record) names() uint64 {
	g, f := r.first(tGivenName), r.first(tFamilyName)
	if g == 0 || f == 0 {
		return 0
	}
	return mix(min(g, f), max(g, f))
}

// whole is a row of digits as a number; 0 where there is none.
func whole(digits string) (n uint64) {
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return n
}

// daysOf counts the days since 1900; noDay when there is no such day.
func daysOf(year, month, day int) int32 {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if d.Day() != day || int(d.Month()) != month {
		return noDay
	}
	return int32(d.Sub(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

// present says which nodes there are, of which the first ones are known.
func (e *engine) present(ctx context.Context, known int) ([]bool, error) {
	here := make([]bool, e.nodes)
	for i := range known {
		here[i] = true
	}
	return here, e.db.Each(ctx, "select node from person", func(row []driver.Value) error {
		here[row[0].(int32)] = true
		return nil
	})
}
