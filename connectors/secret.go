package connectors

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Secret is a password, a key or a token of a source. In a workspace's file it is a reference
// (${env:NAME}, ${file:PATH}); Resolve puts the value in its place. It prints as [secret], also where fmt
// walks into unexported fields: what it holds is a function.
type Secret struct{ text func() string }

// NewSecret is a secret whose value is known.
func NewSecret(value string) Secret { return Secret{func() string { return value }} }

// UnmarshalText takes the reference.
func (s *Secret) UnmarshalText(reference []byte) error {
	*s = NewSecret(string(reference))
	return nil
}

// IsSet says whether there is one.
func (s Secret) IsSet() bool { return s.text != nil && s.text() != "" }

// Reveal returns the value; nothing that it is put into may be printed.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text()
}

func (Secret) String() string   { return "[secret]" }
func (Secret) GoString() string { return "[secret]" }

// Resolve turns references into values. All faults come at once.
func Resolve(resolve func(reference string) (string, error), secrets ...*Secret) error {
	var faults []error
	for _, s := range secrets {
		if !s.IsSet() {
			continue
		}
		value, err := resolve(s.Reveal())
		if err != nil {
			faults = append(faults, err)
			continue
		}
		*s = NewSecret(value)
	}
	return errors.Join(faults...)
}

// shortest is how long a secret must be to be hidden: a shorter one occurs by chance within other words, where hiding it
// would garble them and give it away.
const shortest = 4

func (s Secret) isIn(text string) bool {
	return len(s.Reveal()) >= shortest && strings.Contains(text, s.Reveal())
}

// Hide is err, with [secret] in its text wherever a library let one slip in.
func Hide(err error, secrets ...Secret) error {
	if err == nil {
		return nil
	}
	if slices.ContainsFunc(secrets, func(s Secret) bool { return s.isIn(err.Error()) }) {
		return hidden{err, secrets}
	}
	return err
}

type hidden struct {
	error
	secrets []Secret
}

func (h hidden) Error() string {
	text := h.error.Error()
	for _, s := range h.secrets {
		if s.isIn(text) {
			text = strings.ReplaceAll(text, s.Reveal(), "[secret]")
		}
	}
	return text
}

// Is and As look behind the hidden text; Unwrap would hand it out.
func (h hidden) Is(target error) bool { return errors.Is(h.error, target) }
func (h hidden) As(target any) bool   { return errors.As(h.error, target) }

// Duration is a length of time as it is written in a file: 30s, 5m.
type Duration time.Duration

// UnmarshalText reads 30s or 5m.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err == nil && v < 0 {
		err = errors.New("a length of time is not negative")
	}
	*d = Duration(v)
	return err
}

// Or is the duration, or the default where none is written.
func (d Duration) Or(other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return time.Duration(d)
}
