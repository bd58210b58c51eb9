package demo

import (
	"fmt"
	"slices"
	"strconv"
)

// world is what is really so; the agencies see it through their own glasses.
type world struct {
	families []*family
	children []*child
	places   []place
	phones   int
}

// family is the children of one primary household.
type family struct {
	number   int
	home     *household
	children []*child
}

type address struct {
	from   day
	street string
	place  int
	postal string
}

// household is a home and who raises children in it; addresses are in order of time.
type household struct {
	addresses []address
	carers    []carer
	culture   int
}

type carer struct {
	given, family string
	relation      string // mother, father, step_parent, grandparent, foster_parent
	phone, email  string
}

type child struct {
	number        int
	given, middle string
	family        string
	renamedOn     day // from then on the surname is renamed
	renamed       string
	birth         day
	sex           string // F, M, X
	language      string
	kin           *family
	second        *household // the other parent's home under shared custody
	care          span       // in foster care
	foster        *household
	isOverAge     bool
	canary        *Canary
	twin          bool
	needs         []need
	school        string
}

func (h *household) at(d day) address {
	now := h.addresses[0]
	for _, a := range h.addresses[1:] {
		if a.from <= d {
			now = a
		}
	}
	return now
}

// homeAt is where the child lives.
func (c *child) homeAt(d day) *household {
	if c.foster != nil && (span{c.care.from, c.care.to}).touches(d, d) {
		return c.foster
	}
	return c.kin.home
}

func (c *child) surnameAt(d day) string {
	if c.renamedOn != 0 && c.renamedOn <= d {
		return c.renamed
	}
	return c.family
}

func newWorld(opt Options) *world {
	w := &world{places: places()}
	r := stream(opt.Seed, "world")
	for len(w.children) < opt.Children {
		w.addFamily(r)
	}
	w.children = w.children[:opt.Children]
	last := w.families[len(w.families)-1]
	last.children = slices.DeleteFunc(last.children, func(c *child) bool { return c.number > opt.Children })
	w.addCanaries(r, opt.Canaries)
	for _, c := range w.children {
		c.needs = newNeeds(r, c)
	}
	return w
}

func (w *world) newPhone() string {
	n := w.phones
	w.phones++
	codes := areaCodes()
	return fmt.Sprintf("%s-555-01%02d", codes[n/100%len(codes)], n%100)
}

func (w *world) newAddress(r chance, from day, at int, french bool) address {
	p := w.places[at]
	const letters, digits = "ABCEGHJKLMNPRSTVWXYZ", "0123456789"
	postal := fmt.Sprintf("%s %c%c%c", pick(r, p.postal), digits[r.IntN(10)], letters[r.IntN(20)], digits[r.IntN(10)])
	street := pick(r, streets())
	if french && p.french > 50 {
		street = pick(r, rues())
	}
	street = strconv.Itoa(r.between(2, 1890)) + " " + street
	if r.percent(12) {
		street = strconv.Itoa(r.between(1, 24)) + "-" + street
	}
	return address{from: from, street: street, place: at, postal: postal}
}

func (w *world) newHousehold(r chance, cultureAt int, at int) *household {
	h := &household{culture: cultureAt}
	french := cultures()[cultureAt].name == "french"
	h.addresses = []address{w.newAddress(r, 0, at, french)}
	if r.percent(9) { // moves within the year, half of them to another municipality
		to := at
		if r.percent(50) {
			to = w.anyPlace(r)
		}
		h.addresses = append(h.addresses, w.newAddress(r, r.days(date(2025, 4, 20), date(2026, 3, 10)), to, french))
	}
	return h
}

func (w *world) anyPlace(r chance) int {
	weights := make([]int, len(w.places))
	for i, p := range w.places {
		weights[i] = p.percent
	}
	return r.weighted(weights...)
}

func (w *world) newCarer(r chance, c culture, surname, relation string, isWoman bool) carer {
	given := pick(r, c.carersM)
	if isWoman {
		given = pick(r, c.carersF)
	}
	out := carer{given: given, family: surname, relation: relation, phone: w.newPhone()}
	if r.percent(70) {
		out.email = fmt.Sprintf("%s.%s%d@mail.example", plain(given), plain(surname), r.between(1, 99))
	}
	return out
}

// addFamily makes a household of one of five shapes and its children.
func (w *world) addFamily(r chance) {
	at := w.anyPlace(r)
	pool := cultures()
	weights := make([]int, len(pool))
	for i, c := range pool {
		weights[i] = c.percent
		if c.name == "french" {
			weights[i] = w.places[at].french
		}
	}
	chosen := r.weighted(weights...)
	c := pool[chosen]
	home := w.newHousehold(r, chosen, at)
	f := &family{number: len(w.families) + 1, home: home}
	surname := pick(r, c.families)
	other := pick(r, c.families)
	const couple, single, step, grandparents = 0, 1, 2, 3
	shape := r.weighted(55, 26, 14, 5)
	switch shape {
	case couple:
		mothers := surname
		if r.percent(35) {
			mothers = other
		}
		home.carers = []carer{w.newCarer(r, c, mothers, "mother", true), w.newCarer(r, c, surname, "father", false)}
		home.carers[1].email = ""
	case single:
		if r.percent(82) {
			home.carers = []carer{w.newCarer(r, c, surname, "mother", true)}
		} else {
			home.carers = []carer{w.newCarer(r, c, surname, "father", false)}
		}
	case step:
		home.carers = []carer{w.newCarer(r, c, other, "mother", true), w.newCarer(r, c, pick(r, c.families), "step_parent", false)}
	case grandparents:
		home.carers = []carer{w.newCarer(r, c, surname, "grandparent", true)}
	}
	w.addChildren(r, f, c, surname, shape == step)
	if (shape == single || shape == step) && r.percent(40) {
		w.shareCustody(r, f, chosen, surname)
	}
	w.families = append(w.families, f)
}

func (w *world) addChildren(r chance, f *family, c culture, surname string, isStep bool) {
	count := 1 + r.weighted(52, 31, 12, 4, 1)
	birth := r.days(date(2008, 5, 1), date(2025, 9, 30))
	used := map[string]bool{}
	for i := range count {
		isTwin := i > 0 && r.percent(4)
		if i > 0 && !isTwin {
			birth += day(r.between(330, 1500))
		}
		if birth > date(2025, 11, 30) {
			break
		}
		child := &child{number: len(w.children) + 1, birth: birth, kin: f, family: surname, language: c.language, twin: isTwin}
		child.sex = []string{"F", "M", "X"}[r.weighted(41, 57, 2)]
		given := func() string {
			if child.sex == "F" || child.sex == "X" && r.percent(50) {
				return pick(r, c.girls)
			}
			return pick(r, c.boys)
		}
		child.given = given()
		for used[child.given] {
			child.given = given()
		}
		used[child.given] = true
		if r.percent(45) {
			child.middle = given()
		}
		if c.language != "eng" && c.language != "fra" && r.percent(45) || c.language == "oji" && r.percent(60) {
			child.language = "eng"
		}
		if isStep && i == count-1 && count > 1 && r.percent(50) {
			child.family = f.home.carers[1].family // child of both
		}
		if r.percent(1.5) || isStep && r.percent(8) { // adopted by a step-parent, or parents who married
			child.renamedOn = r.days(date(2025, 5, 1), date(2026, 2, 15))
			child.renamed = pick(r, c.families)
			if isStep {
				child.renamed = f.home.carers[1].family
			}
		}
		if age(birth, date(2025, 9, 1)) >= 4 {
			child.school = pick(r, schools())
		}
		if r.percent(3.5) {
			w.placeInCare(r, child)
		}
		f.children = append(f.children, child)
		w.children = append(w.children, child)
	}
}

func (w *world) shareCustody(r chance, f *family, cultureAt int, surname string) {
	c := cultures()[cultureAt]
	home := w.newHousehold(r, cultureAt, w.anyPlace(r))
	home.carers = []carer{w.newCarer(r, c, surname, "father", false)}
	// The other parent may be a step-parent in a family that is here too: same street, other family.
	if len(w.families) > 20 && r.percent(25) {
		home.addresses = w.families[len(w.families)-1-r.IntN(15)].home.addresses
	}
	for _, child := range f.children {
		child.second = home
	}
}

func (w *world) placeInCare(r chance, c *child) {
	home := w.newHousehold(r, 0, w.anyPlace(r))
	pool := cultures()[0]
	home.carers = []carer{w.newCarer(r, pool, pick(r, pool.families), "foster_parent", true)}
	c.foster = home
	c.care = span{from: r.days(date(2024, 6, 1), date(2025, 12, 1))}
	if r.percent(45) {
		c.care.to = c.care.from + day(r.between(60, 500))
	}
}

// addCanaries marks children of school age, spread over the area, with values that cannot be there by
// accident.
func (w *world) addCanaries(r chance, count int) {
	var fit []*child
	for _, c := range w.children {
		if c.school != "" && c.renamedOn == 0 {
			fit = append(fit, c)
		}
	}
	for i := range min(count, len(fit)) {
		c := fit[i*len(fit)/min(count, len(fit))]
		c.canary = &Canary{
			GivenName:    fmt.Sprintf("Qzanary%04d", i+1),
			SchoolNumber: luhn(fmt.Sprintf("77%06d", r.IntN(1_000_000))),
			HealthNumber: luhn(fmt.Sprintf("88%07d", r.IntN(10_000_000))),
			Note:         fmt.Sprintf("CANARY-NOTE-%04d", i+1),
		}
		c.given = c.canary.GivenName
	}
}

// luhn adds the check digit that Ontario's health number and school number end in.
func luhn(digits string) string {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return digits + strconv.Itoa((10-sum%10)%10)
}
