// Package https pulls files, or records page by page, from addresses of an agency's web server.
//
// Takes addresses, a way to be let in and a way to turn pages; leaves files, or one JSON array per list of
// records, in the inbox. Never sends anything but questions, never follows a page to another server, and
// takes nothing from the environment.
package https

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"tributary"
	"tributary/connectors"
)

// Config describes the addresses, how one is let in, and the limits.
type Config struct {
	// Kind is https.
	Kind string `yaml:"kind"`
	// Address is what the urls of the files start from.
	Address string `yaml:"address"`

	// Key is sent in the header KeyHeader; as "Authorization: Bearer" if that is empty.
	Key       connectors.Secret `yaml:"key"`
	KeyHeader string            `yaml:"key_header"`
	// User and Password are sent as basic authentication.
	User     string            `yaml:"user"`
	Password connectors.Secret `yaml:"password"`
	// TokenURL, ClientID, ClientSecret and Scope are OAuth2's client credentials.
	TokenURL     string            `yaml:"token_url"`
	ClientID     string            `yaml:"client_id"`
	ClientSecret connectors.Secret `yaml:"client_secret"`
	Scope        string            `yaml:"scope"`
	// Headers are sent with every question; nothing secret.
	Headers map[string]string `yaml:"headers"`

	// Files are what to fetch, under the name that the file gets; words may stand in the name.
	Files map[string]File `yaml:"files"`

	Proxy string `yaml:"proxy"`
	// CAFile holds the certificate of a private authority, as PEM.
	CAFile string `yaml:"ca_file"`
	// Size is how many bytes a file may have, unpacked; 1 GiB if zero. More is a fault, not a cut.
	Size int64 `yaml:"size"`
	// Pages is how many pages a list may have; 10,000 if zero.
	Pages int `yaml:"pages"`
	// Timeout is how long the server may be silent; 1m if zero.
	Timeout connectors.Duration `yaml:"timeout"`
}

// File is one file, or one list of records.
type File struct {
	// URL starts at the address: /v1/clients?from={start}&to={end}.
	URL string `yaml:"url"`
	// Records says where the list stands in the answer: data.items. Empty: the answer is the list.
	Records string `yaml:"records"`
	// Page says how pages are turned; without it the answer is the file, as it comes.
	Page *Page `yaml:"page"`
}

// Page is a way of turning pages.
type Page struct {
	// By is page (numbered), offset (records so far), cursor (a word of the answer goes into the next
	// question), next (an address in the answer, such as @odata.nextLink) or link (the header Link).
	By string `yaml:"by"`
	// Parameter of the question takes the number, the offset or the cursor; page, offset or cursor if empty.
	Parameter string `yaml:"parameter"`
	// First is the first page's number; 1 if not written.
	First *int `yaml:"first"`
	// SizeParameter takes Size, how many records a page has.
	SizeParameter string `yaml:"size_parameter"`
	Size          int    `yaml:"size"`
	// From is where cursor or next stand in the answer: meta.next; @odata.nextLink if empty.
	From string `yaml:"from"`
}

var ways = []string{"page", "offset", "cursor", "next", "link"}

// Validate returns all faults at once.
func (c Config) Validate() error {
	var faults []error
	miss := func(missing bool, what, fix string) {
		if missing {
			faults = append(faults, tributary.Fix(errors.New(what), fix))
		}
	}
	for name, address := range map[string]string{"address": c.Address, "token_url": c.TokenURL} {
		u, err := url.Parse(address)
		if name == "token_url" && address == "" {
			continue
		}
		isOwn := err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
		miss(err != nil || u.Host == "", name+" is no address", "write it as "+name+": https://api.agency.example")
		miss(err == nil && u.User != nil, name+" holds a password", "write user: and password: beside it")
		miss(err == nil && u.Host != "" && u.Scheme != "https" && !isOwn, name+" is not https", "passwords and names of children go there: write https://")
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	ins := 0
	for _, is := range []bool{c.Key.IsSet(), c.User != "", c.TokenURL != ""} {
		if is {
			ins++
		}
	}
	miss(ins != 1, "not one way to be let in", "write key:, or user: and password:, or token_url:, client_id: and client_secret:")
	miss(c.User != "" && !c.Password.IsSet(), "password is missing", "write password: ${env:NAME}")
	miss(c.TokenURL != "" && (c.ClientID == "" || !c.ClientSecret.IsSet()), "client_id or client_secret is missing", "write client_id: and client_secret: ${env:NAME}")
	miss(c.Size < 0 || c.Pages < 0, "size or pages is negative", "leave them out for 1 GiB and 10,000")
	miss(len(c.Files) == 0, "files is empty", `write what to fetch: files: {clients.json: {url: "/v1/clients?from={start}"}}`)
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		f := c.Files[name]
		miss(name == "" || path.Base(name) != name || strings.HasPrefix(name, "."), fmt.Sprintf("file %q: not a file name", name), "write a name such as clients.json")
		u, err := url.Parse(f.URL)
		miss(err != nil || f.URL == "" || u.Host != "" || u.Scheme != "", fmt.Sprintf("file %s: url does not start at the address", name), `write it as url: "/v1/clients?from={start}"`)
		miss(f.Records != "" && f.Page == nil, fmt.Sprintf("file %s: records without page", name), "write page: {by: link}, or leave records: out: the answer is then the file")
		if f.Page != nil {
			miss(!slices.Contains(ways, f.Page.By), fmt.Sprintf("file %s: page by %q is not known", name, f.Page.By), "the ways are "+strings.Join(ways, ", "))
			miss(f.Page.By == "cursor" && f.Page.From == "", fmt.Sprintf("file %s: page by cursor without from", name), "write from: where the cursor stands in the answer, such as meta.next")
			miss(f.Page.Size < 0 || f.Page.SizeParameter != "" && f.Page.Size == 0, fmt.Sprintf("file %s: size_parameter without size", name), "write size: 500")
		}
		faults = slices.Concat(faults, connectors.CheckWords("file "+name+": url", f.URL), connectors.CheckWords("file", name))
	}
	return errors.Join(faults...)
}

// Connector is a web server as a source.
type Connector struct {
	config Config
	base   *url.URL
	pause  func(context.Context, time.Duration) error
}

var _ connectors.Checker = (*Connector)(nil)

// New returns the connector of a valid config.
func New(c Config) (*Connector, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("source https: %w", err)
	}
	base, err := url.Parse(c.Address)
	if err != nil {
		return nil, err
	}
	c.Size, c.Pages = cmp.Or(c.Size, 1<<30), cmp.Or(c.Pages, 10_000)
	return &Connector{config: c, base: base, pause: connectors.Pause}, nil
}

func (c *Connector) fault(err error) error {
	if err == nil {
		return nil
	}
	return connectors.Hide(fmt.Errorf("https %s: %w", c.base.Host, explain(err)), c.config.Key, c.config.Password, c.config.ClientSecret)
}

// at is the address of a file for an agency and quarter.
func (c *Connector) at(template, agency string, q tributary.Quarter) (*url.URL, error) {
	return url.Parse(strings.TrimRight(c.base.String(), "/") + "/" + strings.TrimLeft(connectors.Fill(template, url.QueryEscape(agency), q), "/"))
}

// Check asks for the first file of a quarter long past: being let in is what counts, not what is there.
func (c *Connector) Check(ctx context.Context) error {
	v, err := c.visit()
	if err != nil {
		return c.fault(err)
	}
	defer v.close()
	name := slices.Min(slices.Collect(maps.Keys(c.config.Files)))
	at, err := c.at(c.config.Files[name].URL, "AGENCY", tributary.QuarterOf(time.Unix(0, 0)))
	if err != nil {
		return c.fault(err)
	}
	answer, err := v.get(ctx, at)
	if errors.Is(err, connectors.ErrNotReady) {
		return nil
	}
	if err == nil {
		err = answer.Body.Close()
	}
	return c.fault(err)
}

// Pull fetches each file. Where the server has none (404, 204, no record in any list), nothing is published
// yet: connectors.ErrNotReady.
func (c *Connector) Pull(ctx context.Context, agency string, q tributary.Quarter, in *connectors.Inbox) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v, err := c.visit()
	if err != nil {
		return c.fault(err)
	}
	defer v.close()
	found := false
	for _, name := range slices.Sorted(maps.Keys(c.config.Files)) {
		f := c.config.Files[name]
		at, err := c.at(f.URL, agency, q)
		if err != nil {
			return c.fault(err)
		}
		some, err := c.fetch(ctx, v, f, at, connectors.Fill(name, agency, q), in)
		switch {
		case errors.Is(err, connectors.ErrNotReady):
		case err != nil:
			return c.fault(errors.Join(ctx.Err(), fmt.Errorf("%s: %w", name, err)))
		}
		found = found || some
	}
	if !found {
		return c.fault(connectors.ErrNotReady)
	}
	return nil
}

// fetch puts one file into the inbox and says whether there was anything in it.
func (c *Connector) fetch(ctx context.Context, v *visit, f File, at *url.URL, name string, in *connectors.Inbox) (bool, error) {
	if f.Page == nil {
		answer, err := v.get(ctx, at)
		if err != nil {
			return false, err
		}
		defer answer.Body.Close()
		modified, _ := http.ParseTime(answer.Header.Get("Last-Modified")) // zero where there is none
		return true, in.PutModified(name, modified, connectors.Reader(ctx, limited(answer.Body, c.config.Size)))
	}
	at = f.Page.begin(at)
	first, err := v.page(ctx, at, f)
	if err != nil {
		return false, err
	}
	r, w := io.Pipe()
	done := make(chan int64, 1)
	go func() {
		n, err := v.list(ctx, at, f, first, w)
		done <- n
		w.CloseWithError(err) //nolint:errcheck // never fails
	}()
	err = in.Put(name, connectors.Reader(ctx, limited(r, c.config.Size)))
	r.CloseWithError(err) //nolint:errcheck // never fails
	return <-done > 0, err
}

// limited is r, with a fault where it is longer than it may be.
func limited(r io.Reader, size int64) io.Reader { return &limit{r, size, size} }

type limit struct {
	r         io.Reader
	left, all int64
}

func (l *limit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, tributary.Fix(fmt.Errorf("longer than %d bytes", l.all), "narrow the address to the quarter, or raise size: in the source")
	}
	return n, err
}
