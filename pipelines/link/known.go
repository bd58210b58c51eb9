package link

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"

	"tributary"
)

// Learned is what a linking takes from the whole of its records. Where it is given, the weight of two
// records hangs on these two alone, and on which telephones and addresses are offices.
type Learned struct {
	model   *Model
	january bool     // the first of January stands for a day that nobody knew
	limits  [][2]int // by rule: the largest block that is compared, and the largest part of one that is split
	nodes   int      // of the records that it was learned of, the first ones
	rarity  []rarity // by counted
}

// rarity is how rare the values of a trait are.
type rarity struct {
	of     map[uint64]rare
	unseen float32 // bits of a value that nobody has
}

// Known is a linking that others can go on from: only the pairs of new records are looked for then. The same
// records give the same result as when they come at once, by what was learned of the known ones.
type Known struct {
	// IDs are the names of the nodes, whatever the caller calls them.
	IDs []string

	learned *Learned
	nodes   int
	words   *words
	records []record // with the values as they came: offices may turn up
	raw     []raw
	offices map[trait]map[uint64]bool
	copied  []copied
	edges   []Edge
}

// raw is what is kept of a record beside it.
type raw struct {
	values []uint64 // before offices were left out
	ends   [traitCount]uint8
	shape  uint64
}

func rawOf(records []record, asides []aside) []raw {
	out := make([]raw, len(records))
	for i := range records {
		out[i] = raw{records[i].values, records[i].ends, asides[i].shape}
	}
	return out
}

// ErrKnown means that what an earlier linking kept cannot be used.
var ErrKnown = errors.New("what an earlier linking kept cannot be used")

// Known is what others can go on from; Terms.Keep must have been set. ids are by node.
func (r *Result) Known(ids []string) *Known {
	e := r.engine
	return &Known{IDs: ids, learned: e.learned, nodes: e.nodes, records: e.records, raw: e.raw, offices: e.offices, copied: e.copied, edges: r.Edges}
}

// Learned is what was taken from the whole of the records.
func (r *Result) Learned() *Learned {
	l := *r.engine.learned
	l.nodes = r.engine.nodes
	l.rarity = slices.Clone(l.rarity)
	for i := range l.rarity {
		l.rarity[i].of = rarityOf(r.engine.records, i, nil)
	}
	return &l
}

func (k *Known) count() int {
	if k == nil {
		return 0
	}
	return len(k.records)
}

func (k *Known) nodeCount() int {
	if k == nil {
		return 0
	}
	return k.nodes
}

func (k *Known) asides() []aside {
	out := make([]aside, len(k.records))
	for i := range out {
		out[i] = aside{shape: k.raw[i].shape, isHere: true}
	}
	return out
}

// areOld says of each of so many records whether it is known and holds none of the offices that only the new
// ones gave away.
func (k *Known) areOld(records int, offices map[trait]map[uint64]bool) []bool {
	if k == nil {
		return nil
	}
	old := make([]bool, records)
	turned := false
	for t, values := range offices {
		turned = turned || len(values) > len(k.offices[t])
	}
	for i := range k.records {
		old[i] = true
		if !turned {
			continue
		}
		for t, values := range offices {
			for _, v := range k.records[i].of(t) {
				if values[v] && !k.offices[t][v] {
					old[i] = false
				}
			}
		}
	}
	return old
}

// rarityOf takes how rare the values of one trait (of counted) are from the records that have them: of the
// wanted values, or of all.
func rarityOf(records []record, trait int, wanted map[uint64]bool) map[uint64]rare {
	out := map[uint64]rare{}
	for i := range records {
		v := counted[trait].value(&records[i])
		if v == 0 || wanted != nil && !wanted[v] {
			continue
		}
		people, bits := counted[trait].at(&records[i])
		r := rare{bits: *bits}
		if people != nil {
			r.people = *people
		}
		out[v] = r
	}
	return out
}

// knowPeople says of each record from `first` on how many people bear its values, as was learned.
func (e *engine) knowPeople(first int) {
	fresh := e.records[first:]
	e.inParallel(len(counted), func(i, _ int) {
		learned := e.learned.rarity[i]
		if e.known != nil {
			wanted := map[uint64]bool{}
			for j := range fresh {
				wanted[counted[i].value(&fresh[j])] = true
			}
			learned.of = rarityOf(e.records[:first], i, wanted)
		}
		for j := range fresh {
			v := counted[i].value(&fresh[j])
			if v == 0 {
				continue
			}
			r, ok := learned.of[v]
			if !ok {
				r = rare{1, learned.unseen}
			}
			r.set(counted[i].at(&fresh[j]))
		}
	})
}

// A file of what is known: a line that says what it is, its size and how its content must be checked; then the
// parts, whole numbers with their low end first.
const knownFormat = "tributary known 1"

// knownHead is what is small, as JSON.
type knownHead struct {
	// Program is what the comparisons and rules were; another program starts anew.
	Program  uint64     `json:"program"`
	Model    *Model     `json:"model"`
	January  bool       `json:"january"`
	Limits   [][2]int   `json:"limits"`
	Unseen   []float32  `json:"unseen"`
	Offices  [][]uint64 `json:"offices"` // of officeTraits
	Nodes    int        `json:"nodes"`
	Records  int        `json:"records"`
	Edges    int        `json:"edges"`
	Copied   int        `json:"copied"`
	Words    int        `json:"words"`
	AllBytes int        `json:"bytes"` // of the parts
	Sum      uint32     `json:"crc32c"`
}

var officeTraits = []trait{tPhone, tEmail, tCaregiver}

// programHash is a hash of all that the meaning of a stored record and pattern hangs on.
func programHash() uint64 {
	h := hash(standardiseSQL + nicknameCSV + placeholderCSV)
	for _, c := range comparisons {
		h = mix(h, hash(c.name))
		for _, l := range c.levels {
			h = mix(h, hash(l.name))
		}
	}
	for _, r := range rules {
		h = mix(h, hash(r.name))
	}
	return mix(h, uint64(traitCount))
}

// Write writes what is known. The file holds people's names and must be kept as safe as the file that it came
// from.
func (k *Known) Write(w io.Writer) error {
	head := knownHead{Program: programHash(), Model: k.learned.model, January: k.learned.january, Limits: k.learned.limits,
		Nodes: k.nodes, Records: len(k.records), Edges: len(k.edges), Copied: len(k.copied)}
	for _, r := range k.learned.rarity {
		head.Unseen = append(head.Unseen, r.unseen)
	}
	for _, t := range officeTraits {
		head.Offices = append(head.Offices, slices.Sorted(maps.Keys(k.offices[t])))
	}
	var b []byte
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(n uint32) { b = binary.LittleEndian.AppendUint32(b, n) }
	long := func(n uint64) { b = binary.LittleEndian.AppendUint64(b, n) }
	for _, id := range k.IDs {
		text(id)
	}
	places := map[*word]uint32{nil: 0}
	var order []*word
	for i := range k.records {
		r := &k.records[i]
		for _, w := range []*word{r.given, r.family, r.middle, r.identifier} {
			if _, ok := places[w]; !ok {
				places[w] = uint32(len(places))
				order = append(order, w)
			}
		}
	}
	head.Words = len(order)
	for _, w := range order {
		text(w.text)
	}
	for i := range k.records {
		r, raw := &k.records[i], &k.raw[i]
		for _, w := range []*word{r.given, r.family, r.middle, r.identifier} {
			number(places[w])
		}
		number(uint32(r.node))
		long(r.source)
		long(raw.shape)
		text(r.digits())
		flags := byte(0)
		if r.isAge {
			flags = 1
		}
		b = append(b, r.sex, flags)
		b = append(b, r.postal[:]...)
		for _, n := range []int32{r.givenPeople, r.namesPeople, r.streetPeople} {
			number(uint32(n))
		}
		for _, f := range []float32{r.givenBits, r.familyBits, r.namesBits, r.streetBits, r.postalBits, r.areaBits, r.cityBits} {
			number(math.Float32bits(f))
		}
		b = append(b, raw.ends[:]...)
		for _, v := range raw.values {
			long(v)
		}
	}
	for _, c := range k.copied {
		flags := uint32(0)
		if c.isNamed {
			flags |= 1
		}
		if c.isWhole {
			flags |= 2
		}
		number(uint32(c.node))
		number(uint32(c.first))
		number(flags)
	}
	for _, g := range k.edges {
		for _, n := range []uint32{uint32(g.L), uint32(g.R), math.Float32bits(g.Stranger), math.Float32bits(g.Sibling), uint32(g.Pattern), uint32(g.Rules)} {
			number(n)
		}
	}
	head.AllBytes, head.Sum = len(b), crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	line, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s\n%s\n", knownFormat, line); err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// ReadKnown reads what Write wrote. Errors are ErrKnown.
func ReadKnown(r io.Reader) (*Known, error) {
	refuse := func(why string) (*Known, error) {
		return nil, tributary.Fix(fmt.Errorf("%w: %s", ErrKnown, why), "link all records once more, with --remember")
	}
	in := bufio.NewReaderSize(r, 1<<20)
	format, err := in.ReadString('\n')
	if err != nil || format != knownFormat+"\n" {
		return refuse("it is no such file")
	}
	line, err := in.ReadBytes('\n')
	if err != nil {
		return refuse("it breaks off")
	}
	var head knownHead
	if err := json.Unmarshal(line, &head); err != nil {
		return refuse("its beginning is damaged")
	}
	if head.Program != programHash() {
		return refuse("another version of the program wrote it")
	}
	var all bytes.Buffer
	all.Grow(min(head.AllBytes, 1<<30) + bytes.MinRead)
	if _, err := all.ReadFrom(in); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKnown, err)
	}
	b := all.Bytes()
	if len(b) != head.AllBytes || crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) != head.Sum ||
		head.Model == nil || len(head.Unseen) != len(counted) || len(head.Offices) != len(officeTraits) || len(head.Limits) != len(rules) {
		return refuse("it is damaged")
	}
	return head.parts(b), nil
}

// parts takes the parts apart, of which the sum was right.
func (head *knownHead) parts(b []byte) *Known {
	k := &Known{learned: &Learned{model: head.Model, january: head.January, limits: head.Limits, nodes: head.Nodes}, nodes: head.Nodes, offices: map[trait]map[uint64]bool{}, words: newWords(nil)}
	for _, u := range head.Unseen {
		k.learned.rarity = append(k.learned.rarity, rarity{unseen: u})
	}
	for i, t := range officeTraits {
		k.offices[t] = map[uint64]bool{}
		for _, v := range head.Offices[i] {
			k.offices[t][v] = true
		}
	}
	take := func(n int) []byte {
		part := b[:n]
		b = b[n:]
		return part
	}
	text := func() string {
		n, size := binary.Uvarint(b)
		b = b[size:]
		return string(take(int(n)))
	}
	number := func() uint32 { return binary.LittleEndian.Uint32(take(4)) }
	long := func() uint64 { return binary.LittleEndian.Uint64(take(8)) }
	k.IDs = make([]string, head.Nodes)
	for i := range k.IDs {
		k.IDs[i] = text()
	}
	words := make([]*word, head.Words+1)
	for i := range head.Words {
		words[i+1] = k.words.get(text())
	}
	k.records, k.raw = make([]record, head.Records, head.Records+head.Records/5), make([]raw, head.Records)
	var arena []uint64
	var values [256]uint64
	for i := range k.records {
		r, kept := &k.records[i], &k.raw[i]
		for _, w := range []**word{&r.given, &r.family, &r.middle, &r.identifier} {
			*w = words[number()]
		}
		r.node = int32(number())
		r.source, kept.shape = long(), long()
		n, size := binary.Uvarint(b)
		b = b[size:]
		var digits [8]byte
		r.setBirth(string(digits[:copy(digits[:], take(int(n)))]))
		r.sex, r.isAge = b[0], b[1] == 1
		b = b[2:]
		copy(r.postal[:], take(len(r.postal)))
		for _, n := range []*int32{&r.givenPeople, &r.namesPeople, &r.streetPeople} {
			*n = int32(number())
		}
		for _, f := range []*float32{&r.givenBits, &r.familyBits, &r.namesBits, &r.streetBits, &r.postalBits, &r.areaBits, &r.cityBits} {
			*f = math.Float32frombits(number())
		}
		copy(kept.ends[:], take(len(kept.ends)))
		some := values[:kept.ends[traitCount-1]]
		for j := range some {
			some[j] = long()
		}
		kept.values = keep(&arena, some)
		r.values, r.ends = kept.values, kept.ends
	}
	k.copied = make([]copied, head.Copied)
	for i := range k.copied {
		c := &k.copied[i]
		c.node, c.first = int32(number()), int32(number())
		flags := number()
		c.isNamed, c.isWhole = flags&1 != 0, flags&2 != 0
	}
	k.edges = make([]Edge, head.Edges)
	for i := range k.edges {
		k.edges[i] = Edge{int32(number()), int32(number()), math.Float32frombits(number()), math.Float32frombits(number()), int32(number()), int32(number())}
	}
	return k
}
