package link

import (
	"encoding/binary"
	mathbits "math/bits"
	"unicode/utf8"
)

// How texts differ. Texts of plain ASCII are compared by their bytes, all others by their characters.

// isPlain says whether bytes are characters.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// jaroWinkler is how alike two texts are, from 0 to 1 (Winkler, String comparator metrics and enhanced
// decision rules, 1990): Jaro's measure, and where that is above .7 more for each of up to four equal
// first characters.
func jaroWinkler(a, b string) float64 {
	if isPlain(a) && isPlain(b) {
		return jaroWinklerOf([]byte(a), []byte(b))
	}
	return jaroWinklerOf([]rune(a), []rune(b))
}

func jaroWinklerOf[T byte | rune](a, b []T) float64 {
	alike := jaro(a, b)
	if alike <= .7 {
		return alike
	}
	begin := 0
	for begin < min(4, len(a), len(b)) && a[begin] == b[begin] {
		begin++
	}
	return alike + float64(begin)*.1*(1-alike)
}

// jaro counts the characters that both have at about the same place, and how many of them stand in
// another order (Jaro, Advances in record-linkage methodology, JASA 84, 1989).
func jaro[T byte | rune](a, b []T) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	near := max(0, max(len(a), len(b))/2-1)
	var room [2][128]bool
	inA, inB := room[0][:], room[1][:]
	if max(len(a), len(b)) > len(inA) {
		inA, inB = make([]bool, len(a)), make([]bool, len(b))
	}
	shared := 0
	for i, x := range a {
		for j := max(0, i-near); j < min(len(b), i+near+1); j++ {
			if !inB[j] && b[j] == x {
				inA[i], inB[j] = true, true
				shared++
				break
			}
		}
	}
	if shared == 0 {
		return 0
	}
	moved, j := 0, 0
	for i, x := range a {
		if !inA[i] {
			continue
		}
		for !inB[j] {
			j++
		}
		if b[j] != x {
			moved++
		}
		j++
	}
	m := float64(shared)
	return (m/float64(len(a)) + m/float64(len(b)) + (m-float64(moved/2))/m) / 3
}

// letters has one bit for each letter of a text in plain ASCII; no bit where there is any other character.
func letters(s string) (set uint32) {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return 0
		}
		set |= 1 << (s[i] - 'a')
	}
	return set
}

// leastAlike is the least likeness of two names by jaroWinkler that any comparison asks for.
const leastAlike = .8

// mayBeAlike says whether the letters of two words allow them to be leastAlike: a letter that the other lacks
// is not shared, and each of up to four equal first characters adds a tenth of what lacks.
func mayBeAlike(l, r *word) bool {
	if l.letters == 0 || r.letters == 0 {
		return true
	}
	a, b := len(l.text), len(r.text)
	shared := min(a-mathbits.OnesCount32(l.letters&^r.letters), b-mathbits.OnesCount32(r.letters&^l.letters))
	if shared <= 0 {
		return false
	}
	begin := 0
	for begin < min(4, a, b) && l.text[begin] == r.text[begin] {
		begin++
	}
	m, more := float64(shared), float64(begin)*.1
	alike := (m/float64(a) + m/float64(b) + 1) / 3
	return alike+more*(1-alike) >= leastAlike-tiny
}

// areOneEdit is isOneEdit of two words: an edit changes one letter for another at most.
func areOneEdit(l, r *word) bool {
	if l.letters != 0 && r.letters != 0 && mathbits.OnesCount32(l.letters^r.letters) > 2 {
		return false
	}
	return isOneEdit(l.text, r.text)
}

// isOneEdit holds where two texts of three characters or more are one character apart, or two
// neighbours changed places (Damerau 1964).
func isOneEdit(a, b string) bool {
	if isPlain(a) && isPlain(b) {
		return isOneEditOf([]byte(a), []byte(b))
	}
	return isOneEditOf([]rune(a), []rune(b))
}

func isOneEditOf[T byte | rune](a, b []T) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 3 || len(b)-len(a) > 1 {
		return false
	}
	begin := 0
	for begin < len(a) && a[begin] == b[begin] {
		begin++
	}
	a, b = a[begin:], b[begin:]
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(b) == 1:
		return true // one more, or one for another
	case len(a) == 2 && len(b) == 2:
		return a[0] == b[1] && a[1] == b[0]
	}
	return false
}

// beginAlike holds where two names have one first letter, or their first two changed places.
func beginAlike(a, b string) bool {
	if firstLetter(a) == firstLetter(b) {
		return true
	}
	return len(a) == len(b) && len(a) > 1 && a[0] == b[1] && a[1] == b[0]
}

func firstLetter(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// differences is how many places of two postal codes differ.
func differences(a, b *[10]byte) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// isOneDigit holds where two rows of digits differ in one, or two that stand close by changed places.
func isOneDigit(a, b *[8]byte) bool {
	var at [2]int
	n := 0
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if n == len(at) {
			return false
		}
		at[n] = i
		n++
	}
	return n == 1 || n == 2 && at[1]-at[0] <= 3 && a[at[0]] == b[at[1]] && a[at[1]] == b[at[0]]
}

// hash is the same in every run and on every machine, for it is stored.
func hash(s string) uint64 {
	h := uint64(len(s))
	for ; len(s) >= 8; s = s[8:] {
		h = mix(h, binary.LittleEndian.Uint64([]byte(s[:8])))
	}
	last := uint64(0)
	for i := range len(s) {
		last = last<<8 | uint64(s[i])
	}
	return mix(h, last)
}

// mix makes one hash of two.
func mix(a, b uint64) uint64 {
	high, low := mathbits.Mul64(a^0x9e3779b97f4a7c15, b^0xd6e8feb86659fd93)
	return high ^ low
}
