package link

import (
	"bytes"
	"context"
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
	"sync"

	"tributary/pipelines/warehouse"
)

// A trait is something that two records may have in common, as hashes of its values. Of most a record may
// have several.
type trait uint8

const (
	tGiven  trait = iota // the given name in all its forms
	tFamily              // the surname, its parts and former ones
	tMiddle              // each middle name
	tPhone
	tEmail
	tEmailName // what stands before the @, of each e-mail
	tCaregiver // given name and surname
	tCaregiverGiven
	tGivenName // as it is
	tArea      // the first three characters of the postal code; of it and the next ones a record has one value
	tStreet
	tStreetNumber
	tCity
	// Traits from here on make blocks and are not compared.
	tFamilyName // as it is
	tFullName   // given name and surname, either way round
	tBirth      // the birth date, day and month either way round
	tYear
	tMonth
	tDay
	tGivenSound
	tFamilySound
	tPostal
	tNumber
	traitCount

	oneValue       = tArea
	comparedTraits = tFamilyName
)

// record is what one person's record is found and compared by. Nil, empty and zero mean that nothing is
// known. What nearly every comparison looks at comes first: records wait for memory.
type record struct {
	given, family *word
	source        uint64
	birth         [8]byte // digits, where isDate
	days          int32   // of a birth date that is a day at all, since 1900; noDay else
	year          int16
	month, day    int8
	sex           byte
	isAge         bool // the year was reckoned from an age
	isDate        bool
	// How many people bear the given name, and both names, and live in the street and number.
	givenPeople, namesPeople, streetPeople int32
	// marks has, of each trait that is compared, one bit for each value, without a common one of which there
	// is no common value; from oneValue on the value itself.
	marks              [comparedTraits]uint64
	middle, identifier *word
	postal             [10]byte
	values             []uint64 // of all traits, in their order
	ends               [traitCount]uint8
	node               int32
	// How rare a value is, in bits: so much is the agreement on it worth.
	givenBits, familyBits, namesBits, streetBits, postalBits, areaBits, cityBits float32 // namesBits of both names together
}

// word is a text that records have in common. There is one for each text, so that two records have the same
// where they point to the same.
type word struct {
	text    string
	letters uint32
	hash    uint64
	sound   uint64   // of a name
	roots   []uint64 // of a given name that is short for them
	same    *word    // that of another dictionary, which stands for this one
}

func (w *word) String() string {
	if w == nil {
		return ""
	}
	return w.text
}

// words is a dictionary.
type words struct {
	of    map[string]*word
	forms *otherForms
}

func newWords(forms *otherForms) *words { return &words{map[string]*word{}, forms} }

// get returns the word of a text, nil where it is empty.
func (d *words) get(text string) *word {
	if text == "" {
		return nil
	}
	w, ok := d.of[text]
	if !ok {
		text = strings.Clone(text)
		w = &word{text: text, letters: letters(text), hash: hash(text)}
		if d.forms != nil {
			w.sound, w.roots = d.forms.sound[text], d.forms.roots[text]
		}
		d.of[text] = w
	}
	return w
}

// take makes the words of another dictionary stand for those of this one, or be of this one.
func (d *words) take(other *words) {
	for text, w := range other.of {
		if w.same = d.of[text]; w.same == nil {
			d.of[text] = w
		}
	}
}

// share makes a record use the words that stand for its own.
func (r *record) share() {
	for _, w := range []**word{&r.given, &r.family, &r.middle, &r.identifier} {
		if *w != nil && (*w).same != nil {
			*w = (*w).same
		}
	}
}

const noDay = math.MinInt32

// of returns the values of a trait.
func (r *record) of(t trait) []uint64 {
	from := uint8(0)
	if t > 0 {
		from = r.ends[t-1]
	}
	return r.values[from:r.ends[t]]
}

func (r *record) postalCode() string { return string(bytes.TrimRight(r.postal[:], "\x00")) }

// first is the first value of a trait, 0 where there is none.
func (r *record) first(t trait) uint64 {
	if all := r.of(t); len(all) > 0 {
		return all[0]
	}
	return 0
}

func (r *record) has(t trait) bool { return len(r.of(t)) > 0 }

// meet holds where a trait of one record and a trait of the other have a common value.
func meet(l *record, of trait, r *record, with trait) bool {
	return l.marks[of]&r.marks[with] != 0 && haveCommon(l, of, r, with)
}

// haveCommon looks at the values themselves.
func haveCommon(l *record, of trait, r *record, with trait) bool {
	if of >= oneValue && with >= oneValue {
		return l.marks[of] == r.marks[with]
	}
	for _, x := range l.of(of) {
		for _, y := range r.of(with) {
			if x == y {
				return true
			}
		}
	}
	return false
}

// setBirth takes a birth date apart: eight digits, six or four.
func (r *record) setBirth(digits string) {
	r.isDate, r.birth, r.year, r.month, r.day, r.days = false, [8]byte{}, 0, 0, 0, noDay
	if len(digits) < 4 {
		return
	}
	r.year = int16(whole(digits[:4]))
	if len(digits) >= 6 {
		r.month = int8(whole(digits[4:6]))
	}
	if len(digits) == 8 {
		r.isDate, r.day = true, int8(whole(digits[6:]))
		copy(r.birth[:], digits)
		r.days = daysOf(int(r.year), int(r.month), int(r.day))
	}
}

// mark sets the marks by the values.
func (r *record) mark() {
	r.marks = [comparedTraits]uint64{}
	for t := range comparedTraits {
		for _, v := range r.of(t) {
			if t >= oneValue {
				r.marks[t] = v
			} else {
				r.marks[t] |= 1 << (v & 63)
			}
		}
	}
}

// storedColumns are those of link.record: a record as it is compared, for whoever asks next.
const storedColumns = `node integer, source ubigint, given varchar, family varchar, middle varchar, postal varchar, identifier varchar,
    birth varchar, is_age boolean, sex varchar, given_people integer, names_people integer, street_people integer, given_bits float, family_bits float, names_bits float, street_bits float,
    postal_bits float, area_bits float, city_bits float, counts utinyint[], hashes ubigint[]`

// digits are those of the birth date, as setBirth takes them.
func (r *record) digits() string {
	switch {
	case r.isDate:
		return string(r.birth[:])
	case r.month > 0:
		return fmt.Sprintf("%04d%02d", r.year, r.month)
	case r.year > 0:
		return fmt.Sprintf("%04d", r.year)
	}
	return ""
}

// stored is a row of link.record.
func (r *record) stored(node int32) []driver.Value {
	sex := ""
	if r.sex > 0 {
		sex = string(r.sex)
	}
	counts := make([]uint8, traitCount)
	for t := range traitCount {
		counts[t] = uint8(len(r.of(t)))
	}
	return []driver.Value{node, r.source, r.given.String(), r.family.String(), r.middle.String(), r.postalCode(), r.identifier.String(), r.digits(), r.isAge, sex, r.givenPeople, r.namesPeople, r.streetPeople,
		r.givenBits, r.familyBits, r.namesBits, r.streetBits, r.postalBits, r.areaBits, r.cityBits, counts, r.values}
}

// readStored returns records of a table with the columns of link.record, in the order of their nodes.
func readStored(ctx context.Context, db *warehouse.DB, table string) (out []record, err error) {
	dictionary := newWords(nil)
	at := func(v driver.Value) *word { return dictionary.get(stated[string](v)) }
	err = db.Each(ctx, "select * from "+table+" order by node", func(v []driver.Value) error {
		r := record{
			node: stated[int32](v[0]), source: stated[uint64](v[1]), given: at(v[2]), family: at(v[3]), middle: at(v[4]),
			identifier: at(v[6]), isAge: stated[bool](v[8]), givenPeople: stated[int32](v[10]), namesPeople: stated[int32](v[11]),
			streetPeople: stated[int32](v[12]), givenBits: stated[float32](v[13]), familyBits: stated[float32](v[14]), namesBits: stated[float32](v[15]),
			streetBits: stated[float32](v[16]), postalBits: stated[float32](v[17]), areaBits: stated[float32](v[18]), cityBits: stated[float32](v[19]),
		}
		copy(r.postal[:], stated[string](v[5]))
		r.setBirth(stated[string](v[7]))
		if sex := stated[string](v[9]); sex != "" {
			r.sex = sex[0]
		}
		r.take(stated[[]any](v[21]), stated[[]any](v[20]))
		out = append(out, r)
		return nil
	})
	return out, err
}

// take fills the values of all traits, of which there are so many each.
func (r *record) take(hashes, counts []any) {
	r.values = make([]uint64, len(hashes))
	for i, v := range hashes {
		r.values[i] = v.(uint64)
	}
	end := uint8(0)
	for t, n := range counts {
		end += n.(uint8)
		r.ends[t] = end
	}
	r.mark()
}

// stated is a value of a row, or nothing where it is null.
func stated[T any](v driver.Value) T {
	t, _ := v.(T)
	return t
}

// evenParts is how many a job is cut into whose parts take about as long.
const evenParts = 64

// inParallel does the parts of a job by as many workers as the engine has threads.
func (e *engine) inParallel(parts int, do func(part, worker int)) { inParallel(e.workers, parts, do) }

// inParallel does the parts of a job, each by one worker; a worker's number is for what it keeps to itself.
func inParallel(workers, parts int, do func(part, worker int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for w := range min(parts, workers) {
		all.Go(func() {
			for part := range next {
				do(part, w)
			}
		})
	}
	for part := range parts {
		next <- part
	}
	close(next)
	all.Wait()
}
