// Package kinds is the one list of ways to reach an agency's files.
//
// Takes the source of an agency's mapping; leaves its connector; never keeps state.
package kinds

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
	"tributary/connectors/database"
	"tributary/connectors/files"
	"tributary/connectors/https"
	"tributary/connectors/remote"
)

// Workspace is what a kind may know besides the agency's own source.
type Workspace struct {
	// Drop is the folder that local paths start from.
	Drop string
	// Dir is the workspace's own folder, where known_hosts_file and ca_file start from.
	Dir string
	// Secret resolves a reference such as ${env:NAME}.
	Secret func(reference string) (string, error)
	// Now is the clock: a file that changed a moment ago may still be written.
	Now func() time.Time
}

// path is where a file that a source names lies.
func (w Workspace) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.Dir, filepath.FromSlash(name))
}

// To add a kind: a package beside files that passes connectortest, and a line here.
var kinds = map[string]func(Workspace, func(any) error) (connectors.Connector, error){
	"files": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c files.Config
		if err := decode(&c); err != nil {
			return nil, fmt.Errorf("source files: %w", err)
		}
		if c.Root == "" {
			c.Root = w.Drop
		}
		return files.New(c, w.Now)
	},
	"sftp": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c remote.SFTP
		if err := errors.Join(decode(&c), connectors.Resolve(w.Secret, &c.Password, &c.Key, &c.Passphrase)); err != nil {
			return nil, fmt.Errorf("source sftp: %w", err)
		}
		c.KnownHosts = w.path(c.KnownHosts)
		return remote.NewSFTP(c, w.Now)
	},
	"s3": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c remote.S3
		if err := errors.Join(decode(&c), connectors.Resolve(w.Secret, &c.SecretKey)); err != nil {
			return nil, fmt.Errorf("source s3: %w", err)
		}
		c.CAFile = w.path(c.CAFile)
		return remote.NewS3(c, w.Now)
	},
	"webdav": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c remote.WebDAV
		if err := errors.Join(decode(&c), connectors.Resolve(w.Secret, &c.Password, &c.Token)); err != nil {
			return nil, fmt.Errorf("source webdav: %w", err)
		}
		c.CAFile = w.path(c.CAFile)
		return remote.NewWebDAV(c, w.Now)
	},
	"onedrive": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c remote.OneDrive
		if err := errors.Join(decode(&c), connectors.Resolve(w.Secret, &c.ClientSecret)); err != nil {
			return nil, fmt.Errorf("source onedrive: %w", err)
		}
		c.CAFile = w.path(c.CAFile)
		return remote.NewOneDrive(c, w.Now)
	},
	"database": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c database.Config
		if err := errors.Join(decode(&c), connectors.Resolve(w.Secret, &c.Password)); err != nil {
			return nil, fmt.Errorf("source database: %w", err)
		}
		c.CAFile = w.path(c.CAFile)
		return database.New(c)
	},
	"https": func(w Workspace, decode func(any) error) (connectors.Connector, error) {
		var c https.Config
		if err := errors.Join(decode(&c), connectors.Resolve(w.Secret, &c.Key, &c.Password, &c.ClientSecret)); err != nil {
			return nil, fmt.Errorf("source https: %w", err)
		}
		c.CAFile = w.path(c.CAFile)
		return https.New(c)
	},
}

// New makes the connector of a kind; decode fills the kind's own config from the agency's source,
// strictly.
func New(kind string, w Workspace, decode func(into any) error) (connectors.Connector, error) {
	make, ok := kinds[kind]
	if !ok {
		return nil, tributary.Fix(fmt.Errorf("source kind %q is not known", kind),
			"the kinds are: "+strings.Join(Names(), ", "))
	}
	return make(w, decode)
}

// Names lists the kinds in order.
func Names() []string { return slices.Sorted(maps.Keys(kinds)) }
