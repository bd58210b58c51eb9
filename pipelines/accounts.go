package pipelines

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"

	"tributary"
)

// Roles are what an account of the console can be.
var Roles = []string{"analyst", "approver", "reviewer", "viewer"}

// Account is somebody who may come to the console, with the password's hash as PHC text.
type Account struct {
	Name string `json:"name"`
	Role string `json:"role"`
	Hash string `json:"hash"`
}

// The cost of a password's hash: RFC 9106, 4, second recommendation, on one lane.
const (
	hashTime   = 3
	hashMemory = 64 * 1024
	hashLanes  = 1
	hashBytes  = 32
	shortest   = 10
)

// hashing keeps many log-ins at once from taking all memory.
var hashing sync.Mutex

func (w *Workspace) accountsPath() string { return w.Path("kept", "accounts.json") }

// Accounts lists the accounts by name.
func (w *Workspace) Accounts() ([]Account, error) {
	data, err := os.ReadFile(w.accountsPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	byName := map[string]Account{}
	if err == nil {
		err = json.Unmarshal(data, &byName)
	}
	if err != nil {
		return nil, tributary.Fix(fmt.Errorf("accounts.json: %w", err), "restore kept/accounts.json from the last backup, or delete it and make the accounts again")
	}
	var out []Account
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		a := byName[name]
		a.Name = name
		out = append(out, a)
	}
	return out, nil
}

// KeepAccount makes an account or changes its role and password. The audit log says who did it and why.
func (w *Workspace) KeepAccount(ctx context.Context, name, role, password, why string) error {
	switch {
	case name != strings.TrimSpace(name) || name == "" || len(name) > 100:
		return tributary.Fix(fmt.Errorf("account: %q is no name", name), "write a name without spaces around it")
	case !slices.Contains(Roles, role):
		return tributary.Fix(fmt.Errorf("account: no role is called %q", role), "the roles are "+strings.Join(Roles, ", "))
	case len([]rune(password)) < shortest:
		return tributary.Fix(fmt.Errorf("account: a password has %d characters or more", shortest), "take several words")
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return err
	}
	a := Account{Role: role, Hash: fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashTime, hashLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(hashPassword(password, salt)))}
	if err := w.changeAccounts(func(all map[string]Account) { all[name] = a }); err != nil {
		return err
	}
	return w.Look(ctx, "account", name+" is "+role, why)
}

// DropAccount takes an account away; whoever is in by it is out with the next page.
func (w *Workspace) DropAccount(ctx context.Context, name, why string) error {
	all, err := w.Accounts()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(a Account) bool { return a.Name == name }) {
		return tributary.Fix(fmt.Errorf("account: nobody is called %q", name), "see them with: tributary console accounts")
	}
	if err := w.changeAccounts(func(all map[string]Account) { delete(all, name) }); err != nil {
		return err
	}
	return w.Look(ctx, "account", name+" is taken away", why)
}

func (w *Workspace) changeAccounts(change func(map[string]Account)) error {
	unlock, err := w.House.Lock()
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	defer unlock() //nolint:errcheck // the operating system lets go of the lock anyway
	known, err := w.Accounts()
	if err != nil {
		return err
	}
	all := map[string]Account{}
	for _, a := range known {
		all[a.Name] = a
	}
	change(all)
	data, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		return err
	}
	half := w.accountsPath() + ".half"
	if err := os.WriteFile(half, append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(half, w.accountsPath())
}

func hashPassword(password string, salt []byte) []byte {
	hashing.Lock()
	defer hashing.Unlock()
	return argon2.IDKey([]byte(password), salt, hashTime, hashMemory, hashLanes, hashBytes)
}

// RoleOf is the role of an account, "" where there is none.
func (w *Workspace) RoleOf(name string) string {
	all, err := w.Accounts()
	if err != nil {
		return ""
	}
	for _, a := range all {
		if a.Name == name {
			return a.Role
		}
	}
	return ""
}

// CheckAccount returns the role of an account whose password is right, else "". A name that is not known takes as
// long as a wrong password.
func (w *Workspace) CheckAccount(name, password string) string {
	all, err := w.Accounts()
	if err != nil {
		return ""
	}
	at := slices.IndexFunc(all, func(a Account) bool { return a.Name == name })
	salt, want, role := make([]byte, 16), make([]byte, hashBytes), ""
	if at >= 0 {
		parts := strings.Split(all[at].Hash, "$")
		if len(parts) == 6 && parts[3] == fmt.Sprintf("m=%d,t=%d,p=%d", hashMemory, hashTime, hashLanes) {
			s, err1 := base64.RawStdEncoding.DecodeString(parts[4])
			h, err2 := base64.RawStdEncoding.DecodeString(parts[5])
			if err1 == nil && err2 == nil && len(h) == hashBytes {
				salt, want, role = s, h, all[at].Role
			}
		}
	}
	if subtle.ConstantTimeCompare(hashPassword(password, salt), want) != 1 {
		return ""
	}
	return role
}
