package demo

// need is a service that a child needs; each agency that reports it sees the same dates.
type need struct {
	service      string
	identifiedOn day
	receivedOn   day // 0: not yet
	refusedOn    day // not available from then on
	reason       string
}

// services are the codes of the seed service_type that the demo uses.
func services() []string {
	return []string{"ot", "pt", "slp", "autism", "mental_health", "respite", "nursing", "special_education",
		"infant_development", "audiology", "behaviour", "fasd"}
}

func newNeeds(r chance, c *child) []need {
	count := r.weighted(18, 34, 28, 14, 6)
	order := r.Perm(len(services()))
	var out []need
	for _, at := range order[:count] {
		service := services()[at]
		if service == "infant_development" && age(c.birth, date(2025, 4, 1)) >= 6 {
			continue
		}
		n := need{service: service, identifiedOn: r.days(max(c.birth+60, date(2023, 6, 1)), date(2026, 3, 25))}
		switch r.weighted(58, 30, 12) {
		case 0:
			n.receivedOn = n.identifiedOn + day(r.between(10, 260))
		case 2:
			n.refusedOn = n.identifiedOn + day(r.between(5, 90))
			n.reason = pick(r, []string{"full", "no_provider", "distance", "cost", "not_eligible"})
		}
		out = append(out, n)
	}
	return out
}

// status is the code of the seed need_status at a day.
func (n need) status(at day) string {
	switch {
	case n.receivedOn != 0 && n.receivedOn <= at:
		return "received"
	case n.refusedOn != 0 && n.refusedOn <= at:
		return "not_available"
	}
	return "waiting"
}
