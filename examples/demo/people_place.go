package demo

import "math"

// groupHome is how many children live in one, about.
const groupHome = 8

// town is one municipality; what is in it grows with the population.
type town struct {
	name                         string
	number, region               int
	isSmall, isFrench            bool
	origins                      []float64 // cumulative shares
	firstArea                    int       // of its postal codes
	postals, buildings, shelters int
	phoneArea                    int
}

type dwelling struct {
	number, unit         int
	street, city, postal string
	isApart              bool
}

// settle makes the towns for so many families: a postal code has about six of them, a building twelve,
// a shelter thirty.
func (p *Population) settle(families float64) {
	const towns = 300
	names := placeParts.all()
	weights, sum := make([]float64, towns), 0.0
	for t := range weights {
		weights[t] = math.Pow(float64(t)+4, -0.95)
		sum += weights[t]
	}
	area, total := 0, 0.0
	for t, w := range weights {
		w /= sum
		total += w
		at := func(each float64) int { return 1 + int(families*w/each) }
		here := town{name: names[t], number: t, region: t % regions, isSmall: t >= 60, firstArea: area, phoneArea: 210 + t*7%780,
			postals: 2 + at(6), buildings: at(12 / 0.18), shelters: at(30 / 0.012)}
		area += 1 + here.postals/2000
		shares := 0.0
		for i, o := range p.origins {
			percent := o.percent
			if here.isSmall {
				percent = o.townPercent
			}
			// One town in three is the home of one community besides.
			if t%3 == 1 && (t/3)%len(p.origins) == i {
				percent = o.communityPercent * 2
			}
			here.isFrench = here.isFrench || o.french && percent > 40
			shares += float64(percent)
			here.origins = append(here.origins, shares)
		}
		p.towns = append(p.towns, here)
		p.share = append(p.share, total)
	}
	p.homes = 2 + int(families*2*0.035*0.18/groupHome)
}

func (m *maker) newPhone() uint64 {
	return uint64(m.town.phoneArea)*10_000_000 + uint64(m.between(200, 999))*10_000 + uint64(m.IntN(10_000))
}

// newHome is a house or a flat; one family in ten comes from another town.
func (m *maker) newHome() dwelling {
	t := m.town
	if m.percent(10) {
		t = &m.towns[m.draw(m.share)]
	}
	if m.percent(18) {
		d, _ := m.fixedHome(saltBuilding, t, m.IntN(t.buildings))
		d.unit = m.between(1, 15)*100 + m.between(1, 20)
		return d
	}
	return m.dwelling(t, m.IntN(t.postals), m.IntN(40))
}

// dwelling is a door of one side of a street, which has a postal code.
func (m *maker) dwelling(t *town, postal, door int) dwelling {
	h := mix(uint64(m.opt.Seed), saltStreet, uint64(t.number), uint64(postal))
	street := streetNames[h%uint64(len(streetNames))] + " " + streetTypes[h>>8%uint64(len(streetTypes))]
	if t.isFrench {
		street = frenchStreets[h%uint64(len(frenchStreets))]
	}
	const letters = "ABCEGHJKLMNPRSTVWXYZ"
	area, local := t.firstArea+postal/2000, (postal%2000*1237+t.number*31)%2000
	code := []byte{"KLMNP"[area%5], '0' + byte(area/5%10), letters[area/50%20], ' ', '0' + byte(local%10), letters[local/10%20], '0' + byte(local/200)}
	return dwelling{number: 1 + int(h>>20%60)*40 + door, street: street, city: t.name, postal: string(code)}
}

var (
	streetNames   = words(streetParts)
	streetTypes   = words(streetKinds)
	frenchStreets = append(rues(), "rue Saint-Joseph", "rue du Collège", "rue des Pins", "avenue du Parc", "chemin du Lac", "rue Laurier", "rang 3", "rue Champlain")
)

// fixedHome is a building that many share, with its phone.
func (m *maker) fixedHome(salt uint64, t *town, n int) (dwelling, uint64) {
	h := mix(uint64(m.opt.Seed), salt, uint64(t.number), uint64(n))
	return m.dwelling(t, int(h%uint64(t.postals)), int(h>>32%40)), uint64(t.phoneArea)*10_000_000 + 2_000_000 + h>>40%7_999_999
}

// place finds a foster home or a group home for children in care; siblings mostly stay together.
func (m *maker) place() {
	isTogether, together := m.percent(60), -1
	for i := range m.count {
		c := &m.children[i]
		switch {
		case !c.inCare:
		case isTogether && together >= 0:
			first := m.children[together]
			c.placement, c.placementPhone, c.placementCarer = first.placement, first.placementPhone, first.placementCarer
		case m.percent(18):
			n := m.IntN(m.homes)
			at := &m.towns[mix(uint64(m.opt.Seed), saltTown, uint64(n))%uint64(len(m.towns))]
			c.placement, c.placementPhone = m.fixedHome(saltGroupHome, at, n)
			c.placementCarer = streetNames[n%len(streetNames)] + " House"
		default:
			together = i
			english := &m.origins[0]
			c.placement, c.placementPhone = m.newHome(), m.newPhone()
			c.placementCarer = english.mothers.at(m.Float64()) + " " + english.surnames.at(m.Float64())
		}
	}
}
