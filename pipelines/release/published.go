package release

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"tributary"
	"tributary/pipelines/release/disclose"
	"tributary/pipelines/warehouse"
)

// Published is a release that was handed out: what it showed stays known.
type Published struct {
	ID, Audience string
	Known        disclose.Release
	Proofs       []NamedProof
}

// parts are the files of a published release, and what each is read from.
var parts = []struct{ file, query string }{
	{"numbers.csv", "select id, value, state, why from disclosure.number where audience = ? order by id"},
	{"relations.csv", "select relation, id, factor from disclosure.relation where audience = ? order by all"},
	{"proofs.csv", "select proof, way, id, shift from disclosure.proof where audience = ? order by all"},
	{"cells.csv", "select cell_id, is_shown, why, because_of from disclosure.cell where audience = ? order by cell_id"},
}

// Keep writes what a release showed and hid, its relations and its proofs, as CSV into a new folder, and
// returns the hash of all of it.
func Keep(ctx context.Context, db *warehouse.DB, audience, dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for _, p := range parts {
		if err := keep(ctx, db, p.query, audience, filepath.Join(dir, p.file)); err != nil {
			return "", fmt.Errorf("%s: %w", p.file, err)
		}
	}
	return sumOf(dir)
}

func keep(ctx context.Context, db *warehouse.DB, query, audience, path string) error {
	rows, err := db.Query(ctx, query, audience)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	lines := [][]string{columns}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		line := make([]string, len(columns))
		for i, v := range values {
			line[i] = fmt.Sprint(v)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(f).WriteAll(lines), f.Sync(), f.Close())
}

// sumOf is the hash of all parts of a kept release.
func sumOf(dir string) (string, error) {
	h := sha256.New()
	for _, p := range parts {
		data, err := os.ReadFile(filepath.Join(dir, p.file))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", p.file, len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ReadPublished reads a release back from its folder; the hash is the one that the ledger holds.
func ReadPublished(dir, id, audience, hash string) (Published, error) {
	p := Published{ID: id, Audience: audience, Known: disclose.Release{Name: id}}
	fault := func(err error) (Published, error) {
		return p, tributary.Fix(fmt.Errorf("published release %s: %w", id, err), "restore the folder kept/releases from the last backup")
	}
	sum, err := sumOf(dir)
	if err != nil {
		return fault(err)
	}
	if sum != hash {
		return fault(errors.New("its files are not as they were published"))
	}
	states := map[string]disclose.State{"shown": disclose.Shown, "hidden": disclose.Hidden, "absent": disclose.Absent}
	err = readPart(dir, "numbers.csv", func(r []string) error {
		n, err := strconv.ParseInt(r[1], 10, 64)
		p.Known.Numbers = append(p.Known.Numbers, disclose.Number{ID: r[0], Value: n, State: states[r[2]], Why: r[3], Loss: 1})
		return err
	})
	if err != nil {
		return fault(err)
	}
	err = readPart(dir, "relations.csv", func(r []string) error {
		n, err := strconv.ParseInt(r[2], 10, 64)
		if at := len(p.Known.Sums) - 1; at < 0 || p.Known.Sums[at].ID != r[0] {
			p.Known.Sums = append(p.Known.Sums, disclose.Sum{ID: r[0]})
		}
		s := &p.Known.Sums[len(p.Known.Sums)-1]
		s.Parts = append(s.Parts, disclose.Part{ID: r[1], Factor: n})
		return err
	})
	if err != nil {
		return fault(err)
	}
	last := ""
	err = readPart(dir, "proofs.csv", func(r []string) error {
		n, err := strconv.ParseInt(r[3], 10, 64)
		if r[0] != last {
			p.Proofs, last = append(p.Proofs, NamedProof{}), r[0]
		}
		proof := &p.Proofs[len(p.Proofs)-1]
		end := &proof.Up
		if r[1] == "down" {
			end = &proof.Down
		}
		*end = append(*end, NamedShift{r[2], n})
		return err
	})
	if err != nil {
		return fault(err)
	}
	return p, nil
}

func readPart(dir, file string, each func([]string) error) error {
	f, err := os.Open(filepath.Join(dir, file))
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return err
	}
	for _, l := range slices.Delete(lines, 0, min(1, len(lines))) {
		if err := each(l); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}
