package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/config/configmap"
	"github.com/rclone/rclone/fs/config/obscure"

	// The backends enter themselves into rclone's list; only these four are part of the program.
	_ "github.com/rclone/rclone/backend/onedrive"
	_ "github.com/rclone/rclone/backend/s3"
	_ "github.com/rclone/rclone/backend/sftp"
	_ "github.com/rclone/rclone/backend/webdav"

	"tributary"
)

// A proxy is named by a source, or there is none. No setting keeps rclone from asking Go's library for one, which
// reads these variables once for the whole program: they are taken out before anything else runs.
var _ = errors.Join(os.Unsetenv("HTTP_PROXY"), os.Unsetenv("http_proxy"), os.Unsetenv("HTTPS_PROXY"), os.Unsetenv("https_proxy"))

// silence keeps rclone from writing to the terminal: its log has no place among ours, and at its most
// talkative it would print settings.
var silence = sync.OnceFunc(func() { fs.GetConfig(context.Background()).LogLevel = fs.LogLevelEmergency })

// network is what all kinds of servers have in common.
type network struct {
	timeout time.Duration // without a byte
	retries int           // of the backend's own, beside ours
	proxy   string
	caFile  string
}

// with makes the context in which a backend runs: rclone's defaults, not its flags, files or environment.
func (n network) with(ctx context.Context) context.Context {
	ctx, ci := fs.AddConfig(ctx)
	ci.UserAgent = "tributary"
	ci.LowLevelRetries = max(n.retries, 1)
	ci.ConnectTimeout = fs.Duration(min(n.timeout, 15*time.Second))
	ci.Timeout = fs.Duration(n.timeout)
	ci.HTTPProxy = n.proxy
	ci.NoGzip = true           // lengths are compared
	ci.UseServerModTime = true // no question for each object
	if n.caFile != "" {
		ci.CaCert = []string{n.caFile}
	}
	return ctx
}

// open makes a backend from its own defaults and our settings and nothing else. rclone's own look-up of
// options reads RCLONE_* from the environment and logs what it finds.
func (n network) open(ctx context.Context, backend, root string, settings map[string]string) (fs.Fs, error) {
	silence()
	info, err := fs.Find(backend)
	if err != nil {
		return nil, err
	}
	if n.caFile != "" {
		if _, err := os.ReadFile(n.caFile); err != nil {
			return nil, tributary.Fix(fmt.Errorf("ca_file: %w", err), "put the authority's certificate there, as PEM") // rclone would end the program
		}
	}
	own := configmap.Simple{}
	for _, o := range info.Options {
		if _, have := own[o.Name]; !have {
			own[o.Name] = o.String()
		}
	}
	for name, value := range settings {
		own[name] = value
	}
	return info.NewFs(n.with(ctx), "source", root, own)
}

// obscured is a password in the form that backends want it; it is no protection.
func obscured(value string) (string, error) {
	if value == "" {
		return "", nil
	}
	return obscure.Obscure(value)
}
