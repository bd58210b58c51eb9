package submit

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"aead.dev/minisign"

	"tributary"
)

// Signer is a person who may sign: the director, an acting director in her place, a second signing officer.
type Signer struct {
	Name string `json:"name" yaml:"name"`
	Role string `json:"role" yaml:"role"`
	// ActingFor names whose place it is: of the two one signature counts.
	ActingFor string `json:"acting_for,omitempty" yaml:"acting_for"`
	// Key is the public minisign key, as in RW....
	Key string `json:"key" yaml:"key"`
	// From and Until are the first and the last day on which the person may sign, as in 2026-03-31; empty is no limit.
	From  string `json:"from,omitempty" yaml:"from"`
	Until string `json:"until,omitempty" yaml:"until"`
}

// Check says what is wrong with the signer's own words.
func (s Signer) Check() error {
	if s.Name == "" || s.Role == "" {
		return errors.New("a signer lacks name or role")
	}
	if _, err := s.public(); err != nil {
		return fmt.Errorf("signer %s: the key is no public minisign key", s.Name)
	}
	for _, day := range []string{s.From, s.Until} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return fmt.Errorf("signer %s: %q is not a day as in 2026-03-31", s.Name, day)
		}
	}
	return nil
}

func (s Signer) public() (minisign.PublicKey, error) {
	var k minisign.PublicKey
	return k, k.UnmarshalText([]byte(s.Key))
}

// seat is the place of which one signature counts.
func (s Signer) seat() string {
	if s.ActingFor != "" {
		return s.ActingFor
	}
	return s.Name
}

// may says why the person may not sign at a time, or nothing.
func (s Signer) may(at time.Time) string {
	day := at.UTC().Format(time.DateOnly)
	switch {
	case s.From != "" && day < s.From:
		return "may sign from " + s.From + " on"
	case s.Until != "" && day > s.Until:
		return "could sign until " + s.Until
	}
	return ""
}

// KeyID is a key's short number, as people compare it and minisign prints it.
func KeyID(id uint64) string { return fmt.Sprintf("%016X", id) }

// NewKey makes a key pair: the private key encrypted with the passphrase, and the public key. Both are in
// the form of minisign's own files.
func NewKey(passphrase string) (private, public []byte, err error) {
	if len(passphrase) < 8 {
		return nil, nil, tributary.Fix(errors.New("the passphrase is shorter than 8 characters"), "take a longer one: it is all that stands between a stolen file and your signature")
	}
	pub, key, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if private, err = minisign.EncryptKey(passphrase, key); err != nil {
		return nil, nil, err
	}
	public, err = pub.MarshalText()
	return append(private, '\n'), append(public, '\n'), err
}

// PublicText is the part of a public key file that stands in tributary.yaml.
func PublicText(file []byte) string {
	lines := strings.Fields(string(file))
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1]
}

// Signature is one signature as it was found.
type Signature struct {
	Name      string    `json:"name,omitempty"`
	Role      string    `json:"role,omitempty"`
	ActingFor string    `json:"acting_for,omitempty"`
	Key       string    `json:"key"`
	At        time.Time `json:"at,omitzero"`
	// Fault says why it does not count; empty when it does.
	Fault string `json:"fault,omitempty"`

	seat string
}

// Seal is what verifying a bundle found.
type Seal struct {
	Manifest   Manifest    `json:"manifest"`
	Signatures []Signature `json:"signatures"`
	// Differ lists what is not as the manifest says: changed, gone, or too much.
	Differ []string `json:"differ"`
	// Signed is how many seats signed validly.
	Signed int `json:"signed"`
}

// IsWhole says that nothing differs and every signature fits.
func (s Seal) IsWhole() bool {
	return len(s.Differ) == 0 && !slices.ContainsFunc(s.Signatures, func(g Signature) bool { return g.Fault != "" })
}

// IsSigned says that enough signed.
func (s Seal) IsSigned() bool {
	return s.Manifest.ApprovedBy != "" && s.Manifest.Signatures > 0 && s.Signed >= s.Manifest.Signatures
}

func isSignature(name string) bool {
	return path.Dir(name) == "signatures" && strings.HasSuffix(name, ".minisig")
}

// Verify checks a bundle by itself: every file against the manifest, and every signature against the manifest's
// bytes and the signers that it names. Where known is not nil, those are who may sign, whatever the manifest says.
func (b *Bundle) Verify(known []Signer) (Seal, error) {
	m, err := parse(b.small[ManifestName])
	s := Seal{Manifest: m, Differ: []string{}, Signatures: []Signature{}}
	if err != nil {
		return s, err
	}
	for _, name := range slices.Sorted(maps.Keys(m.Bundle)) {
		switch sum, ok := b.files[name]; {
		case !ok:
			s.Differ = append(s.Differ, name+": is gone")
		case sum != m.Bundle[name]:
			s.Differ = append(s.Differ, name+": is not as it was prepared")
		}
	}
	for _, name := range b.names() {
		if _, ok := m.Bundle[name]; !ok && name != ManifestName && !isSignature(name) {
			s.Differ = append(s.Differ, name+": is not part of the submission")
		}
	}
	signers := m.Signers
	if known != nil {
		signers = known
	}
	seats := map[string]bool{}
	for _, name := range b.names() {
		if !isSignature(name) {
			continue
		}
		g := b.check(b.small[name], m, signers)
		if g.Fault == "" && seats[g.seat] {
			g.Fault = "signs in a place that has signed already"
		}
		if g.Fault == "" {
			seats[g.seat] = true
		}
		s.Signatures = append(s.Signatures, g)
	}
	slices.SortStableFunc(s.Signatures, func(a, c Signature) int { return a.At.Compare(c.At) })
	s.Signed = len(seats)
	return s, nil
}

func (b *Bundle) check(text []byte, m Manifest, signers []Signer) Signature {
	var sig minisign.Signature
	if err := sig.UnmarshalText(text); err != nil {
		return Signature{Fault: "is no minisign signature"}
	}
	g := Signature{Key: KeyID(sig.KeyID), At: signedAt(sig.TrustedComment)}
	for _, s := range signers {
		key, err := s.public()
		if err != nil || key.ID() != sig.KeyID {
			continue
		}
		g.Name, g.Role, g.ActingFor, g.seat = s.Name, s.Role, s.ActingFor, s.seat()
		r := minisign.NewReader(bytes.NewReader(b.small[ManifestName]))
		if _, err := io.Copy(io.Discard, r); err != nil || sig.Algorithm != minisign.HashEdDSA || !r.Verify(key, text) {
			g.Fault = "does not fit this manifest.json: it is of another submission, or one of the two was changed after signing"
			return g
		}
		switch {
		case m.ApprovedBy == "":
			g.Fault = "was made before the approval"
		case g.At.IsZero():
			g.Fault = "does not say when it was made"
		case g.At.Before(m.ApprovedAt.Truncate(time.Second)):
			g.Fault = "was made before the approval of " + m.ApprovedAt.UTC().Format(time.DateTime)
		default:
			g.Fault = s.may(g.At)
		}
		return g
	}
	g.Fault = "is by a key that is not among the signers"
	return g
}

// signedAt reads the time from a trusted comment: timestamp:1752926400, as minisign itself writes it.
func signedAt(comment string) time.Time {
	for _, field := range strings.Split(comment, "\t") {
		if text, ok := strings.CutPrefix(field, "timestamp:"); ok {
			if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
				return time.Unix(seconds, 0).UTC()
			}
		}
	}
	return time.Time{}
}

// Sign signs the manifest with a private key file and adds the signature to the bundle. It refuses what would
// not count: a bundle that is not whole or not approved, a key of nobody, a clock that runs behind.
func (b *Bundle) Sign(keyFile, passphrase string, now time.Time) (Signature, error) {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return Signature{}, tributary.Fix(fmt.Errorf("the key: %w", err), "make a key with: tributary submit key NAME.key")
	}
	return b.SignWith(text, path.Base(keyFile), passphrase, now)
}

// SignWith is Sign with the text of a key file, so that the key need not lie on a disk of ours. name is the file's.
func (b *Bundle) SignWith(text []byte, name, passphrase string, now time.Time) (Signature, error) {
	key, err := minisign.DecryptKey(passphrase, bytes.TrimSpace(text))
	if err != nil {
		return Signature{}, tributary.Fix(fmt.Errorf("the key %s does not open", name), "choose the file that submit key made, and type its passphrase again")
	}
	return b.sign(key, now)
}

func (b *Bundle) sign(key minisign.PrivateKey, now time.Time) (Signature, error) {
	s, err := b.Verify(nil)
	if err != nil {
		return Signature{}, err
	}
	if len(s.Differ) > 0 {
		return Signature{}, tributary.Fix(fmt.Errorf("bundle of %s: %s", s.Manifest.Submission, strings.Join(s.Differ, "; ")), "sign nothing that was changed: take the bundle again from where it was prepared")
	}
	m := s.Manifest
	if m.ApprovedBy == "" {
		return Signature{}, tributary.Fix(fmt.Errorf("submission %s is not approved", m.Submission), "first: tributary submit approve "+m.Submission)
	}
	now = now.UTC().Truncate(time.Second)
	last := m.ApprovedAt.Truncate(time.Second)
	for _, g := range s.Signatures {
		if g.Fault != "" {
			return Signature{}, tributary.Fix(fmt.Errorf("a signature of %s %s", m.Submission, g.Fault), "take the bundle again from where it was prepared")
		}
		if g.At.After(last) {
			last = g.At
		}
	}
	if now.Before(last) {
		return Signature{}, tributary.Fix(fmt.Errorf("the clock says %s, which is before the last signature or the approval (%s)", now.Format(time.DateTime), last.Format(time.DateTime)),
			"set this computer's date and time right, then sign again")
	}
	id := key.ID()
	at := slices.IndexFunc(m.Signers, func(x Signer) bool { k, err := x.public(); return err == nil && k.ID() == id })
	if at < 0 {
		return Signature{}, tributary.Fix(fmt.Errorf("the key %s is not among the signers of %s", KeyID(id), m.Submission),
			"the signers are those under submission: signers: in tributary.yaml when it was prepared: "+names(m.Signers))
	}
	who := m.Signers[at]
	if why := who.may(now); why != "" {
		return Signature{}, tributary.Fix(fmt.Errorf("%s %s", who.Name, why), "let another signer sign, or have the days under submission: signers: in tributary.yaml corrected and prepare again")
	}
	r := minisign.NewReader(bytes.NewReader(b.small[ManifestName]))
	if _, err := io.Copy(io.Discard, r); err != nil {
		return Signature{}, err
	}
	comment := fmt.Sprintf("timestamp:%d\tfile:%s\tsubmission:%s\tby:%s", now.Unix(), ManifestName, m.Submission, plain(who.Name))
	return b.Add(r.SignWithComments(key, comment, "signature of "+m.Submission+" by "+plain(who.Name)), nil)
}

// Add puts a signature that came back from another computer into the bundle, where it counts.
func (b *Bundle) Add(text []byte, known []Signer) (Signature, error) {
	s, err := b.Verify(known)
	if err != nil {
		return Signature{}, err
	}
	signers := s.Manifest.Signers
	if known != nil {
		signers = known
	}
	g := b.check(text, s.Manifest, signers)
	for _, other := range s.Signatures {
		if other.Fault == "" && other.seat == g.seat && other.Key != g.Key && g.Fault == "" {
			g.Fault = "signs in a place that has signed already (" + other.Name + ")"
		}
	}
	if g.Fault != "" {
		return g, tributary.Fix(fmt.Errorf("a signature of %s (key %s) %s", s.Manifest.Submission, g.Key, g.Fault), "have it signed by one of: "+names(signers))
	}
	name := "signatures/" + g.Key + ".minisig"
	if err := b.put(name, text); err != nil {
		return g, err
	}
	b.small[name], b.files[name] = text, hash(text)
	return g, nil
}

// Texts returns the bundle's signatures as they lie there.
func (b *Bundle) Texts() [][]byte {
	var out [][]byte
	for _, name := range b.names() {
		if isSignature(name) {
			out = append(out, b.small[name])
		}
	}
	return out
}

// plain keeps a name within one field of one line.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
}

func names(signers []Signer) string {
	if len(signers) == 0 {
		return "nobody is named"
	}
	out := make([]string, len(signers))
	for i, s := range signers {
		out[i] = s.Name + " (" + s.Role + ")"
	}
	return strings.Join(out, ", ")
}
