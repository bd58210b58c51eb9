package tributary

import (
	"errors"
	"log/slog"
)

// Error is an error that knows its remedy. The program prints the chain of facts and then the fix.
type Error struct {
	Err error
	// Fix is one sentence that can be acted on, with the command where there is one.
	Fix string
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Fix adds the remedy to an error; nil stays nil.
func Fix(err error, fix string) error {
	if err == nil {
		return nil
	}
	return &Error{Err: err, Fix: fix}
}

// FixOf returns the outermost remedy in the chain, or "".
func FixOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Fix
	}
	return ""
}

// Private is text about a person. It prints as [private] in errors and logs; String never returns
// it. Convert it to a plain string only where a person with the right sees it.
type Private string

func (Private) String() string       { return "[private]" }
func (Private) GoString() string     { return "[private]" }
func (Private) LogValue() slog.Value { return slog.StringValue("[private]") }

// MarshalText keeps private text out of JSON.
func (Private) MarshalText() ([]byte, error) { return []byte("[private]"), nil }
