package main

import (
	"os"
	"path/filepath"
	"testing"

	"tributary"
)

func TestSecret_onlyByReference(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"own": 0o600, "shared": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("s3cret\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	p := &program{dir: dir, env: func(name string) string { return map[string]string{"SET": "from-env"}[name] }}
	for ref, want := range map[string]string{"${env:SET}": "from-env", "${file:own}": "s3cret"} {
		if got, err := p.secret(ref); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", ref, got, err, want)
		}
	}
	for _, ref := range []string{"s3cret", "${env:UNSET}", "${file:shared}", "${file:gone}", "${vault:x}", "${env:SET"} {
		got, err := p.secret(ref)
		if err == nil || got != "" || tributary.FixOf(err) == "" {
			t.Errorf("%s: got %q, %v; want an error with a fix", ref, got, err)
		}
		if err != nil && ref == "s3cret" && err.Error() != "a secret stands in a workspace file" {
			t.Errorf("the secret may be in the message: %v", err)
		}
	}
}
