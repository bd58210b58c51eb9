package mapping

import "tributary"

// Claim says which entry under files: a file's name fits, empty when none, and the quarter that the name
// claims, zero when it says none. A name with a month claims the month's quarter.
func (a *Agency) Claim(name string) (key string, q tributary.Quarter) {
	for _, key := range sortedKeys(a.Files) {
		for _, text := range a.Files[key].Name {
			p, err := compilePattern(text)
			if err != nil {
				continue // the mapping did not load then
			}
			for _, n := range []string{base(name), name} {
				if ok, _, claims := p.match(n, tributary.Quarter{}); ok {
					return key, claims
				}
			}
		}
	}
	return "", tributary.Quarter{}
}
