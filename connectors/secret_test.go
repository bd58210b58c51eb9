package connectors

import (
	"errors"
	"testing"
)

func TestHide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ secret, want string }{
		{"letmein", "example: [secret] was refused"}, {"x", "example: letmein was refused"}, {"", "example: letmein was refused"},
	} {
		if got := Hide(errors.New("example: letmein was refused"), NewSecret(c.secret)).Error(); got != c.want {
			t.Errorf("%q: %s", c.secret, got)
		}
	}
}
