package https

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"tributary"
	"tributary/connectors"
)

const (
	// tries is how often a server that is busy, or a line that was cut, is asked.
	tries = 5
	// patience is the longest wait that a server may ask for.
	patience = 5 * time.Minute
	// pageBytes is how long one page may be: it is held in memory.
	pageBytes = 64 << 20
)

// visit is one round of questions with one set of keys.
type visit struct {
	c      *Connector
	client *http.Client
	tokens oauth2.TokenSource
}

func (c *Connector) visit() (*visit, error) {
	timeout := c.config.Timeout.Or(time.Minute)
	t := &http.Transport{
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: timeout,
		DialContext:       (&net.Dialer{Timeout: 15 * time.Second}).DialContext,
		ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute,
	}
	if c.config.Proxy != "" {
		proxy, err := url.Parse(c.config.Proxy)
		if err != nil || proxy.Host == "" {
			return nil, tributary.Fix(errors.New("proxy is no address"), "write it as proxy: http://proxy.example:8080")
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	if c.config.CAFile != "" {
		pem, err := os.ReadFile(c.config.CAFile)
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if err != nil || !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, tributary.Fix(errors.Join(errors.New("ca_file holds no certificate"), err), "put the authority's certificate there, as PEM")
		}
	}
	v := &visit{c: c}
	v.client = &http.Client{Transport: t, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) > 5:
			return errors.New("more than 5 redirects")
		case r.URL.Scheme != "https" && via[0].URL.Scheme == "https":
			return errors.New("redirected to an address that is not https")
		case r.URL.Host != via[0].URL.Host:
			// Files often lie elsewhere; our key is not for that place.
			r.Header = http.Header{}
		}
		return nil
	}}
	if c.config.TokenURL != "" {
		own := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Transport: t, Timeout: timeout})
		var scopes []string
		if c.config.Scope != "" {
			scopes = []string{c.config.Scope}
		}
		v.tokens = (&clientcredentials.Config{ClientID: c.config.ClientID, ClientSecret: c.config.ClientSecret.Reveal(), TokenURL: c.config.TokenURL, Scopes: scopes}).TokenSource(own)
	}
	return v, nil
}

func (v *visit) close() { v.client.CloseIdleConnections() }

// get asks for an address. A server that is busy is asked again when it says, or a little later each time.
func (v *visit) get(ctx context.Context, at *url.URL) (*http.Response, error) {
	var last error
	for i := range tries {
		answer, err := v.ask(ctx, at)
		wait := time.Second << i
		switch {
		case err != nil && (ctx.Err() != nil || tributary.FixOf(explain(err)) != ""):
			return nil, err
		case err != nil:
			last = err
		case answer.StatusCode == http.StatusOK:
			return answer, nil
		default:
			answer.Body.Close()
			last = status(answer.StatusCode)
			if answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusNoContent {
				return nil, connectors.ErrNotReady
			}
			if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode < 500 {
				return nil, last
			}
			if asked, ok := retryAfter(answer); ok {
				if wait = asked; wait > patience {
					return nil, tributary.Fix(fmt.Errorf("%w, and wants to be asked again in %s", last, wait), "pull again later")
				}
			}
		}
		if i == tries-1 {
			break
		}
		if err := v.c.pause(ctx, wait); err != nil {
			return nil, err
		}
	}
	return nil, last
}

func (v *visit) ask(ctx context.Context, at *url.URL) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, errors.New("the address is not understood")
	}
	r.Header.Set("User-Agent", "tributary")
	for name, value := range v.c.config.Headers {
		r.Header.Set(name, value)
	}
	switch c := v.c.config; {
	case v.tokens != nil:
		token, err := v.tokens.Token()
		if err != nil {
			return nil, err
		}
		token.SetAuthHeader(r)
	case c.User != "":
		r.SetBasicAuth(c.User, c.Password.Reveal())
	case c.KeyHeader != "":
		r.Header.Set(c.KeyHeader, c.Key.Reveal())
	default:
		r.Header.Set("Authorization", "Bearer "+c.Key.Reveal())
	}
	// The context ends when the body is closed, or when nothing has come for a while.
	inner, cancel := context.WithCancelCause(ctx)
	idle := v.c.config.Timeout.Or(time.Minute)
	timer := time.AfterFunc(idle+15*time.Second, func() { cancel(fmt.Errorf("silent for %s", idle)) })
	answer, err := v.client.Do(r.WithContext(inner))
	if err != nil {
		timer.Stop()
		cancel(nil)
		// The library's text holds the whole address; what was asked for is ours to say.
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, err
	}
	answer.Body = &watched{answer.Body, timer, idle, cancel, inner}
	return answer, nil
}

// watched is a body that may not be silent for long.
type watched struct {
	io.ReadCloser
	timer  *time.Timer
	idle   time.Duration
	cancel context.CancelCauseFunc
	ctx    context.Context
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.idle)
	n, err := w.ReadCloser.Read(p)
	if cause := context.Cause(w.ctx); err != nil && err != io.EOF && cause != nil {
		err = cause
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	w.cancel(nil)
	return w.ReadCloser.Close()
}

// retryAfter reads the header of that name, in seconds or as a time beside the server's own.
func retryAfter(answer *http.Response) (time.Duration, bool) {
	text := answer.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	until, err := http.ParseTime(text)
	now, err2 := http.ParseTime(answer.Header.Get("Date"))
	if err != nil || err2 != nil {
		return 0, false
	}
	return max(until.Sub(now), 0), true
}

// onePage is what one answer of a list holds.
type onePage struct {
	records []json.RawMessage
	// next is the address or the cursor in the answer; link is the header's.
	next, link string
}

// page asks for one page. What was cut is asked for again as a whole.
func (v *visit) page(ctx context.Context, at *url.URL, f File) (onePage, error) {
	for i := 0; ; i++ {
		p, err := v.onePage(ctx, at, f)
		if err == nil || i >= 2 || ctx.Err() != nil || errors.Is(err, connectors.ErrNotReady) || tributary.FixOf(explain(err)) != "" {
			return p, err
		}
		if err := v.c.pause(ctx, time.Second<<i); err != nil {
			return p, err
		}
	}
}

func (v *visit) onePage(ctx context.Context, at *url.URL, f File) (onePage, error) {
	var p onePage
	answer, err := v.get(ctx, at)
	if err != nil {
		return p, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(limited(answer.Body, min(pageBytes, v.c.config.Size)))
	if err != nil {
		return p, err
	}
	list := json.RawMessage(data)
	if f.Records != "" {
		list = find(data, f.Records)
	}
	if err := json.Unmarshal(list, &p.records); err != nil {
		what := "the answer"
		if f.Records != "" {
			what = fmt.Sprintf("%q in the answer", f.Records)
		}
		return p, tributary.Fix(fmt.Errorf("%s is no list", what), "compare records: in the source with what the server answers")
	}
	from := f.Page.From
	if from == "" {
		from = "@odata.nextLink"
	}
	if f.Page.By == "cursor" || f.Page.By == "next" {
		p.next = plain(find(data, from))
	}
	p.link = nextLink(answer.Header.Values("Link"))
	return p, nil
}

// find walks into an object by keys with dots between them; a key that holds dots itself comes first.
func find(data json.RawMessage, at string) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return nil
	}
	if v, ok := object[at]; ok {
		return v
	}
	for i := range at {
		if at[i] == '.' {
			if v, ok := object[at[:i]]; ok {
				return find(v, at[i+1:])
			}
		}
	}
	return nil
}

// plain is a text or number as text; empty for everything else.
func plain(v json.RawMessage) string {
	var text string
	if json.Unmarshal(v, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(v, &number) == nil {
		return number.String()
	}
	return ""
}

// nextLink reads Link: <address>; rel="next".
func nextLink(headers []string) string {
	for _, h := range headers {
		for _, part := range strings.Split(h, ",") {
			address, rest, _ := strings.Cut(part, ";")
			for _, word := range strings.Split(rest, ";") {
				if w := strings.TrimSpace(word); w == `rel="next"` || w == "rel=next" {
					return strings.Trim(strings.TrimSpace(address), "<>")
				}
			}
		}
	}
	return ""
}

// list writes the records of all pages as one JSON array, each as it came.
func (v *visit) list(ctx context.Context, at *url.URL, f File, page onePage, w io.Writer) (int64, error) {
	count := int64(0)
	if _, err := io.WriteString(w, "["); err != nil {
		return count, err
	}
	seen := map[string]bool{at.String(): true}
	for n := 1; ; n++ {
		for _, record := range page.records {
			head := ",\n"
			if count == 0 {
				head = "\n"
			}
			if _, err := io.WriteString(w, head+string(record)); err != nil {
				return count, err
			}
			count++
		}
		next, err := v.next(at, f.Page, page, n, count)
		if err != nil {
			return count, err
		}
		if next == nil {
			_, err := io.WriteString(w, "\n]\n")
			return count, err
		}
		if seen[next.String()] {
			return count, fmt.Errorf("page %d leads back to an earlier one", n)
		}
		seen[next.String()] = true
		if n >= v.c.config.Pages {
			return count, tributary.Fix(fmt.Errorf("more than %d pages", v.c.config.Pages), "narrow the address to the quarter, or raise pages: in the source")
		}
		if page, err = v.page(ctx, next, f); errors.Is(err, connectors.ErrNotReady) {
			err = fmt.Errorf("page %d is not there", n+1)
		}
		if err != nil {
			return count, err
		}
	}
}

// begin is the address of the first page.
func (p *Page) begin(at *url.URL) *url.URL {
	if p.SizeParameter != "" {
		at = with(at, p.SizeParameter, strconv.Itoa(p.Size))
	}
	switch p.By {
	case "page":
		at = with(at, cmp.Or(p.Parameter, "page"), strconv.Itoa(p.first()))
	case "offset":
		at = with(at, cmp.Or(p.Parameter, "offset"), "0")
	}
	return at
}

func with(at *url.URL, name, value string) *url.URL {
	out := *at
	q := out.Query()
	q.Set(name, value)
	out.RawQuery = q.Encode()
	return &out
}

// next is the address of the page after page n; nil after the last one. It never leaves the server.
func (v *visit) next(at *url.URL, p *Page, page onePage, n int, count int64) (*url.URL, error) {
	isLast := len(page.records) == 0 || p.Size > 0 && len(page.records) < p.Size
	link := page.next
	switch p.By {
	case "page":
		if isLast {
			return nil, nil
		}
		return with(at, cmp.Or(p.Parameter, "page"), strconv.Itoa(p.first()+n)), nil
	case "offset":
		if isLast {
			return nil, nil
		}
		return with(at, cmp.Or(p.Parameter, "offset"), strconv.FormatInt(count, 10)), nil
	case "cursor":
		if page.next == "" {
			return nil, nil
		}
		return with(at, cmp.Or(p.Parameter, "cursor"), page.next), nil
	case "link":
		link = page.link
	}
	if link == "" {
		return nil, nil
	}
	next, err := at.Parse(link)
	if err != nil {
		return nil, errors.New("the next page's address is not understood")
	}
	if next.Host != at.Host || next.Scheme != at.Scheme {
		return nil, tributary.Fix(fmt.Errorf("the next page lies on another server, %s", next.Host), "ask the agency's IT; the key is not sent there")
	}
	return next, nil
}

func (p *Page) first() int {
	if p.First == nil {
		return 1
	}
	return *p.First
}

// status is an answer that is none.
type status int

func (s status) Error() string {
	return fmt.Sprintf("the server answers %d %s", int(s), http.StatusText(int(s)))
}

func explain(err error) error {
	var (
		answered  status
		token     *oauth2.RetrieveError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case tributary.FixOf(err) != "" || errors.Is(err, connectors.ErrNotReady):
		return err
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &verify):
		return tributary.Fix(fmt.Errorf("the server's certificate is not to be trusted, nothing was sent to it: %w", err),
			"ask the agency's IT; a private authority's certificate goes into a file that ca_file: names")
	case errors.As(err, &token):
		// Its text holds the server's whole answer.
		return tributary.Fix(fmt.Errorf("no token was given: %s", token.ErrorCode), "renew client_id and client_secret, and compare token_url and scope")
	case errors.As(err, &answered) && (answered == http.StatusUnauthorized || answered == http.StatusForbidden):
		return tributary.Fix(fmt.Errorf("not let in: %w", err), "renew the password or key that the source refers to, and what it may read")
	case errors.As(err, &answered) && answered < 500 && answered != http.StatusTooManyRequests:
		return tributary.Fix(err, "compare url: in the source of the agency with what its IT says")
	}
	return err
}
