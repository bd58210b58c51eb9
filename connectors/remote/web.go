package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/rclone/rclone/fs"

	"tributary"
	"tributary/connectors"
)

// S3 is a bucket of Amazon S3 or of a server that speaks like it.
type S3 struct {
	Place
	// Kind is s3.
	Kind   string `yaml:"kind"`
	Bucket string `yaml:"bucket"`
	// Provider is AWS, Minio, Ceph or another name of rclone's list; Other if empty and an endpoint is given.
	Provider string `yaml:"provider"`
	Endpoint string `yaml:"endpoint"`
	Region   string `yaml:"region"`
	// AccessKey is the key's name, SecretKey its secret, by reference.
	AccessKey string            `yaml:"access_key"`
	SecretKey connectors.Secret `yaml:"secret_key"`
	Proxy     string            `yaml:"proxy"`
	// CAFile holds the certificate of a private authority, as PEM.
	CAFile string `yaml:"ca_file"`
}

// Validate returns all faults at once.
func (s S3) Validate() error {
	v := faults(s.Place.validate())
	v.miss(s.Bucket == "", "bucket is empty", "write the bucket's name as bucket:")
	v.miss(s.AccessKey == "" || !s.SecretKey.IsSet(), "access_key or secret_key is missing", "write access_key: NAME and secret_key: ${env:NAME}")
	v.address("endpoint", s.Endpoint, true)
	v.address("proxy", s.Proxy, true)
	return errors.Join(v...)
}

// NewS3 returns the connector of valid settings.
func NewS3(s S3, now Clock) (*Connector, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("source s3: %w", err)
	}
	if s.Provider == "" {
		s.Provider = "AWS"
		if s.Endpoint != "" {
			s.Provider = "Other"
		}
	}
	c := newConnector(s.Place, "s3 bucket "+s.Bucket, network{retries: tries, proxy: s.Proxy, caFile: s.CAFile}, now, s.SecretKey)
	c.explain = explainWeb
	c.open = func(ctx context.Context) (fs.Fs, error) {
		return c.network.open(ctx, "s3", s.Bucket, map[string]string{
			"provider": s.Provider, "endpoint": s.Endpoint, "region": s.Region, "access_key_id": s.AccessKey,
			"secret_access_key": s.SecretKey.Reveal(), "env_auth": "false", "no_check_bucket": "true",
		})
	}
	return c, nil
}

// WebDAV is a folder of a WebDAV server, such as Nextcloud.
type WebDAV struct {
	Place
	// Kind is webdav.
	Kind string `yaml:"kind"`
	URL  string `yaml:"url"`
	// Vendor is nextcloud, owncloud, sharepoint-ntlm or another name of rclone's list; other if empty.
	Vendor string `yaml:"vendor"`
	User   string `yaml:"user"`
	// Password goes with User; Token is a bearer token. Either one, by reference.
	Password connectors.Secret `yaml:"password"`
	Token    connectors.Secret `yaml:"token"`
	Proxy    string            `yaml:"proxy"`
	// CAFile holds the certificate of a private authority, as PEM.
	CAFile string `yaml:"ca_file"`
}

// Validate returns all faults at once.
func (s WebDAV) Validate() error {
	v := faults(s.Place.validate())
	v.address("url", s.URL, false)
	v.miss(s.User == "" && !s.Token.IsSet(), "neither user nor token is given", "write user: and password: ${env:NAME}, or token: ${env:NAME}")
	v.miss(s.User != "" && !s.Password.IsSet(), "password is missing", "write password: ${env:NAME}")
	v.address("proxy", s.Proxy, true)
	return errors.Join(v...)
}

// NewWebDAV returns the connector of valid settings.
func NewWebDAV(s WebDAV, now Clock) (*Connector, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("source webdav: %w", err)
	}
	c := newConnector(s.Place, "webdav "+host(s.URL), network{retries: tries, proxy: s.Proxy, caFile: s.CAFile}, now, s.Password, s.Token)
	c.explain = explainWeb
	c.open = func(ctx context.Context) (fs.Fs, error) {
		password, err := obscured(s.Password.Reveal())
		if err != nil {
			return nil, err
		}
		return c.network.open(ctx, "webdav", "", map[string]string{
			"url": s.URL, "vendor": s.Vendor, "user": s.User, "pass": password, "bearer_token": s.Token.Reveal(),
		})
	}
	return c, nil
}

// OneDrive is a document library of SharePoint or a drive of OneDrive, entered as an application (client
// credentials); nobody signs in.
type OneDrive struct {
	Place
	// Kind is onedrive.
	Kind string `yaml:"kind"`
	// Tenant is the directory's id or domain; DriveID and DriveType (business, documentLibrary, personal) name the drive.
	Tenant    string `yaml:"tenant"`
	DriveID   string `yaml:"drive_id"`
	DriveType string `yaml:"drive_type"`
	// ClientID is the application's id, ClientSecret its secret, by reference.
	ClientID     string            `yaml:"client_id"`
	ClientSecret connectors.Secret `yaml:"client_secret"`
	Proxy        string            `yaml:"proxy"`
	// CAFile holds the certificate of a private authority, as PEM.
	CAFile string `yaml:"ca_file"`

	// standIn takes the place of Microsoft's addresses in tests.
	standIn string
}

// Validate returns all faults at once.
func (s OneDrive) Validate() error {
	v := faults(s.Place.validate())
	v.miss(s.Tenant == "", "tenant is empty", "write the directory's id, as the agency's IT reads it in Entra ID, as tenant:")
	v.miss(s.DriveID == "", "drive_id is empty", "write the drive's id, as Graph Explorer shows it under sites/.../drives, as drive_id:")
	v.miss(s.ClientID == "" || !s.ClientSecret.IsSet(), "client_id or client_secret is missing", "write client_id: and client_secret: ${env:NAME} of an application that may read the site")
	v.address("proxy", s.Proxy, true)
	return errors.Join(v...)
}

// NewOneDrive returns the connector of valid settings.
func NewOneDrive(s OneDrive, now Clock) (*Connector, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("source onedrive: %w", err)
	}
	if s.DriveType == "" {
		s.DriveType = "documentLibrary"
	}
	c := newConnector(s.Place, "onedrive of "+s.Tenant, network{retries: tries, proxy: s.Proxy, caFile: s.CAFile}, now, s.ClientSecret)
	c.explain = explainWeb
	c.open = func(ctx context.Context) (fs.Fs, error) {
		settings := map[string]string{
			"tenant": s.Tenant, "drive_id": s.DriveID, "drive_type": s.DriveType, "client_id": s.ClientID,
			"client_secret": s.ClientSecret.Reveal(), "client_credentials": "true",
		}
		if s.standIn != "" {
			settings["tenant_url"], settings["token_url"] = s.standIn, s.standIn+"/token"
		}
		return c.network.open(ctx, "onedrive", "", settings)
	}
	return c, nil
}

type faults []error

func (v *faults) miss(missing bool, what, fix string) {
	if missing {
		*v = append(*v, tributary.Fix(errors.New(what), fix))
	}
}

// address lets through https, and http where it does not leave the machine: passwords go there.
func (v *faults) address(what, address string, optional bool) {
	if address == "" && optional {
		return
	}
	u, err := url.Parse(address)
	isOwn := err == nil && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback())
	switch {
	case err != nil || u.Host == "":
		v.miss(true, what+" is no address", "write it as "+what+": https://files.agency.example/")
	case u.User != nil:
		v.miss(true, what+" holds a password", "write the address without it, and user: and password: beside it")
	case u.Scheme != "https" && !isOwn && what != "proxy":
		v.miss(true, what+" is not https", "passwords and names of children go there: write https://")
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

var (
	refused = regexp.MustCompile(`\b(401|403|Unauthorized|Forbidden|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|invalid_client|unauthorized_client|invalid_grant|unauthenticated|accessDenied)\b`)
	absent  = regexp.MustCompile(`\b(NoSuchBucket|itemNotFound)\b`)
)

func explainWeb(err error) error {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
	)
	switch text := err.Error(); {
	case tributary.FixOf(err) != "" || errors.Is(err, connectors.ErrNotReady):
		return err
	case errors.As(err, &authority), errors.As(err, &name), errors.As(err, &invalid), errors.As(err, &verify), strings.Contains(text, "x509: "):
		return connectors.Away(tributary.Fix(fmt.Errorf("the server's certificate is not to be trusted, nothing was sent to it: %w", err),
			"ask the agency's IT; a private authority's certificate goes into a file that ca_file: names"))
	case refused.MatchString(text):
		return connectors.Away(tributary.Fix(fmt.Errorf("not let in: %w", err), "renew the password or key that the source refers to, and what it may read"))
	case absent.MatchString(text):
		return tributary.Fix(err, "compare the source of the agency with what lies on the server")
	}
	return err
}
