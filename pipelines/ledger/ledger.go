// Package ledger keeps facts: what cannot be derived again, because a person stated it or because it
// was handed out, accepted, released or signed.
//
// Takes one entry at a time with who, when and why; leaves an append-only, hash-chained log in one
// SQLite file; never changes or removes an entry: a later entry of the same key takes its place.
package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3" // the database/sql driver "sqlite3"

	"tributary"
)

// Ledger is the open file kept/ledger.sqlite.
type Ledger struct {
	db *sql.DB
	// isPast says that only entries up to until are read.
	isPast bool
	until  int64
}

// AsOf is the ledger as it was after an entry: what came later is not read. It cannot be written to.
func (l *Ledger) AsOf(entry int64) *Ledger { return &Ledger{db: l.db, isPast: true, until: entry} }

// Entry is one statement. Fields holds a value for each column of its kind.
type Entry struct {
	Seq    int64
	Kind   string
	Fields map[string]string
	Who    string
	At     time.Time
	Why    string
	// Ends takes the fact of this key back: it is no longer current.
	Ends bool
}

const schema = `
create table if not exists entry (
	seq integer primary key,
	kind text not null, key text not null, fields text not null, ends integer not null,
	who text not null, at text not null, why text not null,
	prev text not null, hash text not null unique
) strict;
create index if not exists entry_key on entry (kind, key, seq);
create trigger if not exists entry_stays before update on entry begin select raise(abort, 'an entry is never changed'); end;
create trigger if not exists entry_is_kept before delete on entry begin select raise(abort, 'an entry is never removed'); end;
`

// Open opens the ledger, making it when it is not there.
func Open(ctx context.Context, path string) (*Ledger, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// The file may sit on a share: a rollback journal and full syncs survive there, WAL does not.
	db, err := sql.Open("sqlite3", "file:"+escape(path)+"?_journal_mode=delete&_synchronous=full&_busy_timeout=10000&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("open the ledger %s: %w", filepath.Base(path), err), db.Close())
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		_ = os.Chmod(path, 0o600) // on a share, or of another owner, it stays; doctor says who can read it
	}
	return &Ledger{db: db}, nil
}

// escape keeps characters that a file: URI gives a meaning to as part of the path.
func escape(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path))
}

// Close ends the use of the file.
func (l *Ledger) Close() error { return l.db.Close() }

// ErrCameSince says that somebody else wrote a fact of the same kind meanwhile.
var ErrCameSince = errors.New("another fact of this kind was written meanwhile")

// Append adds entries, all or none, in order.
func (l *Ledger) Append(ctx context.Context, entries ...Entry) error {
	return l.AppendAfter(ctx, math.MaxInt64, entries...)
}

// AppendAfter adds entries as Append does, unless a fact of one of their kinds was written after entry last, by whatever
// process: then it adds none, and returns ErrCameSince. What was read before is so still right when it is acted upon.
func (l *Ledger) AppendAfter(ctx context.Context, last int64, entries ...Entry) error {
	if l.isPast {
		return errors.New("ledger: the past is not written to")
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("write to the ledger: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	var seq int64
	var prev string
	err = tx.QueryRowContext(ctx, "select seq, hash from entry order by seq desc limit 1").Scan(&seq, &prev)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("write to the ledger: %w", err)
	}
	before := seq
	for _, e := range entries {
		var came bool
		if err := tx.QueryRowContext(ctx, "select exists (select 1 from entry where kind = ? and seq > ? and seq <= ?)", e.Kind, last, before).Scan(&came); err != nil {
			return fmt.Errorf("write to the ledger: %w", err)
		}
		if came {
			return ErrCameSince
		}
		fields, key, err := e.check()
		if err != nil {
			return err
		}
		seq++
		at := e.At.UTC().Format(time.RFC3339)
		hash := link(prev, seq, e, fields, at)
		_, err = tx.ExecContext(ctx, "insert into entry values (?,?,?,?,?,?,?,?,?,?)",
			seq, e.Kind, key, fields, e.Ends, e.Who, at, e.Why, prev, hash)
		if err != nil {
			return fmt.Errorf("write to the ledger: %w", err)
		}
		prev = hash
	}
	return tx.Commit()
}

// check returns the fields as JSON and the key, both in the order of the kind's columns.
func (e Entry) check() (fields, key string, err error) {
	kind, ok := kinds[e.Kind]
	if !ok {
		return "", "", fmt.Errorf("ledger: no kind of fact is called %q", e.Kind)
	}
	if e.Who == "" {
		return "", "", fmt.Errorf("ledger: a fact of kind %s without who stated it", e.Kind)
	}
	ordered := make([]string, 0, len(kind.columns))
	keys := make([]string, 0, kind.keys)
	known := 0
	for i, c := range kind.columns {
		v, ok := e.Fields[c]
		if ok {
			known++
		}
		ordered = append(ordered, v)
		if i < kind.keys || v != "" && c == alsoKey[e.Kind] {
			keys = append(keys, v)
		}
	}
	if known != len(e.Fields) {
		return "", "", fmt.Errorf("ledger: a fact of kind %s has fields that it should not have", e.Kind)
	}
	f, err := json.Marshal(ordered)
	if err != nil {
		return "", "", err
	}
	k, err := json.Marshal(keys)
	return string(f), string(k), err
}

// link is the hash that chains an entry to the one before it.
func link(prev string, seq int64, e Entry, fields, at string) string {
	h := sha256.New()
	for _, part := range []string{prev, fmt.Sprint(seq), e.Kind, fields, fmt.Sprint(e.Ends), e.Who, at, e.Why} {
		fmt.Fprintf(h, "%d:%s\n", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Current returns the facts of a kind that hold now, in the order of their keys.
func (l *Ledger) Current(ctx context.Context, kind string) ([]Entry, error) {
	return l.read(ctx, `select seq, kind, fields, ends, who, at, why from entry e where kind = ? and ends = 0 and seq <= ?
		and not exists (select 1 from entry n where n.kind = e.kind and n.key = e.key and n.seq > e.seq and n.seq <= ?)
		order by key, seq`, kind, l.last(), l.last())
}

// All returns every entry of a kind in the order of writing; the empty kind is all of them.
func (l *Ledger) All(ctx context.Context, kind string) ([]Entry, error) {
	return l.read(ctx, `select seq, kind, fields, ends, who, at, why from entry where ? in ('', kind) and seq <= ? order by seq`, kind, l.last())
}

// last is the number of the last entry to be read.
func (l *Ledger) last() int64 {
	if !l.isPast {
		return math.MaxInt64
	}
	return l.until
}

func (l *Ledger) read(ctx context.Context, query string, args ...any) ([]Entry, error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	var entries []Entry
	for rows.Next() {
		var e Entry
		var fields, at string
		if err := rows.Scan(&e.Seq, &e.Kind, &fields, &e.Ends, &e.Who, &at, &e.Why); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		if e.At, err = time.Parse(time.RFC3339, at); err != nil {
			return nil, fmt.Errorf("read the ledger: entry %d: %w", e.Seq, err)
		}
		var values []string
		if err := json.Unmarshal([]byte(fields), &values); err != nil {
			return nil, fmt.Errorf("read the ledger: entry %d: %w", e.Seq, err)
		}
		e.Fields = map[string]string{}
		for i, c := range kinds[e.Kind].columns {
			if i < len(values) {
				e.Fields[c] = values[i]
			}
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Verify walks the chain and reports the first entry that was changed outside of the program.
func (l *Ledger) Verify(ctx context.Context) error {
	rows, err := l.db.QueryContext(ctx, "select seq, kind, fields, ends, who, at, why, prev, hash from entry order by seq")
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	var last string
	var want int64 = 1
	for rows.Next() {
		var e Entry
		var fields, at, prev, hash string
		if err := rows.Scan(&e.Seq, &e.Kind, &fields, &e.Ends, &e.Who, &at, &e.Why, &prev, &hash); err != nil {
			return fmt.Errorf("read the ledger: %w", err)
		}
		if e.Seq != want || prev != last || link(prev, e.Seq, e, fields, at) != hash {
			return tributary.Fix(fmt.Errorf("ledger: entry %d is not as it was written", want),
				"restore kept/ledger.sqlite from the last backup")
		}
		last, want = hash, want+1
	}
	return rows.Err()
}

// Head names the newest entry; it is empty when there is none.
func (l *Ledger) Head(ctx context.Context) (string, error) {
	_, hash, err := l.Last(ctx)
	return hash, err
}

// Last returns the number and the hash of the newest entry; 0 and nothing when there is none.
func (l *Ledger) Last(ctx context.Context) (seq int64, hash string, err error) {
	err = l.db.QueryRowContext(ctx, "select seq, hash from entry where seq <= ? order by seq desc limit 1", l.last()).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return seq, hash, err
}

// Holds fails when the entry that head named once is no longer there: facts were lost, by a file that was
// replaced or restored from too old a backup.
func (l *Ledger) Holds(ctx context.Context, head string) error {
	var n int
	if err := l.db.QueryRowContext(ctx, "select count(*) from entry where hash = ?", head).Scan(&n); err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if n == 0 && head != "" {
		return tributary.Fix(errors.New("ledger: facts that the last run knew are gone"),
			"restore kept/ledger.sqlite from the newest backup; if they are meant to be gone, delete the folder cache")
	}
	return nil
}

// Kinds returns the names of all kinds of facts, sorted.
func Kinds() []string {
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}

// Backup writes a copy of the ledger as it is at one moment into a new file.
func (l *Ledger) Backup(ctx context.Context, path string) error {
	if _, err := l.db.ExecContext(ctx, "vacuum into ?", path); err != nil {
		return fmt.Errorf("copy the ledger: %w", err)
	}
	return os.Chmod(path, 0o600)
}
