package remote

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/rclone/rclone/fs"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"tributary"
	"tributary/connectors"
)

// SFTP is a folder on an SSH server.
type SFTP struct {
	// Place is where the files lie; its path begins with / or where one arrives.
	Place
	// Kind is sftp.
	Kind string `yaml:"kind"`
	Host string `yaml:"host"`
	// Port is 22 if zero.
	Port int    `yaml:"port"`
	User string `yaml:"user"`
	// Password or Key (a private key in PEM or OpenSSH form, with Passphrase where it has one), by reference.
	Password   connectors.Secret `yaml:"password"`
	Key        connectors.Secret `yaml:"key"`
	Passphrase connectors.Secret `yaml:"passphrase"`
	// KnownHosts is a file in OpenSSH's form that holds the server's key. There is no default: without it
	// anybody could be the server.
	KnownHosts string `yaml:"known_hosts_file"`
	// Proxy is an HTTP proxy that knows CONNECT.
	Proxy string `yaml:"proxy"`
}

// Validate returns all faults at once.
func (s SFTP) Validate() error {
	v := faults(s.Place.validate())
	v.miss(s.Host == "", "host is empty", "write the server's name as host: sftp.agency.example")
	v.miss(s.User == "", "user is empty", "write the account that the agency gave you as user:")
	v.miss(!s.Password.IsSet() && !s.Key.IsSet(), "neither password nor key is given", "write key: ${file:secrets/agency_key}, or password: ${env:NAME}")
	v.miss(s.KnownHosts == "", "known_hosts_file is empty",
		"write the server's key into a file (ssh-keyscan HOST >> known_hosts, compared with what the agency's IT says on the phone) and name it as known_hosts_file: known_hosts")
	// rclone would look for variables of the environment in it.
	v.miss(strings.ContainsAny(s.KnownHosts, "$~"), fmt.Sprintf("known_hosts_file %q: holds $ or ~", s.KnownHosts), "write the path out")
	v.miss(s.Port < 0 || s.Port > 65535, fmt.Sprintf("port %d: is none", s.Port), "leave port: out for 22")
	return errors.Join(v...)
}

// NewSFTP returns the connector of valid settings.
func NewSFTP(s SFTP, now Clock) (*Connector, error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("source sftp: %w", err)
	}
	if s.Port == 0 {
		s.Port = 22
	}
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	c := newConnector(s.Place, "sftp "+address, network{}, now, s.Password, s.Key, s.Passphrase)
	c.explain = func(err error) error { return explainSFTP(err, s) }
	c.open = func(ctx context.Context) (fs.Fs, error) {
		algorithms, err := hostKeys(s.KnownHosts, address)
		if err != nil {
			return nil, errors.Join(lookUp(ctx, s), err)
		}
		settings := map[string]string{
			"host": s.Host, "port": strconv.Itoa(s.Port), "user": s.User, "known_hosts_file": s.KnownHosts,
			"host_key_algorithms": algorithms, "http_proxy": s.Proxy,
			// Nothing is run on the server.
			"shell_type": "none", "disable_hashcheck": "true", "set_modtime": "false",
		}
		if s.Key.IsSet() {
			quoted := strconv.Quote(s.Key.Reveal())
			settings["key_pem"] = quoted[1 : len(quoted)-1]
		}
		for name, secret := range map[string]connectors.Secret{"pass": s.Password, "key_file_pass": s.Passphrase} {
			if settings[name], err = obscured(secret.Reveal()); err != nil {
				return nil, err
			}
		}
		root := "" // where one arrives
		if strings.HasPrefix(s.Path, "/") {
			root = "/"
		}
		return c.network.open(ctx, "sftp", root, settings)
	}
	return c, nil
}

// hostKeys lists the kinds of key that the file holds for the server, so that the server shows one of them.
// A server that is not in the file is a fault before anything is sent to it.
func hostKeys(file, address string) (string, error) {
	check, err := knownhosts.New(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", tributary.Fix(err, "make it with ssh-keyscan, and compare the key with what the agency's IT says on the phone")
	}
	if err != nil {
		return "", tributary.Fix(fmt.Errorf("known_hosts_file: %w", err), "write one line per server as ssh-keyscan prints it")
	}
	// A key that no server has: the answer lists those that the file expects.
	nobody, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		return "", err
	}
	var want *knownhosts.KeyError
	if err := check(address, &net.TCPAddr{IP: net.IPv4zero}, nobody); !errors.As(err, &want) {
		return "", err
	}
	if len(want.Want) == 0 {
		return "", want
	}
	var kinds []string
	for _, k := range want.Want {
		if t := k.Key.Type(); t == ssh.KeyAlgoRSA {
			kinds = append(kinds, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			kinds = append(kinds, t)
		}
	}
	return strings.Join(kinds, " "), nil
}

// lookUp says whether there is such a host at all: no key can be had of one that there is not. A proxy looks it up itself.
func lookUp(ctx context.Context, s SFTP) error {
	if s.Proxy != "" {
		return nil
	}
	_, err := net.DefaultResolver.LookupHost(ctx, s.Host)
	return err
}

func explainSFTP(err error, s SFTP) error {
	var key *knownhosts.KeyError
	var name *net.DNSError
	var dial *net.OpError
	switch text := err.Error(); {
	case tributary.FixOf(err) != "":
		return err
	case errors.As(err, &name):
		return connectors.Away(tributary.Fix(fmt.Errorf("host %q has no address: %s", name.Name, name.Err),
			"compare host: with what the agency's IT says, and see whether this machine's network is up"))
	case errors.As(err, &dial) && dial.Op == "dial":
		return connectors.Away(tributary.Fix(fmt.Errorf("nobody answers: %w", dial.Err),
			"are network and proxy up, and do the agency's firewall and ours let this machine in? compare host: and port: with what its IT says"))
	case errors.As(err, &key) && len(key.Want) == 0:
		return tributary.Fix(fmt.Errorf("the server is not in %s", s.KnownHosts),
			"add its key with ssh-keyscan, and compare it with what the agency's IT says on the phone")
	case errors.As(err, &key), strings.Contains(text, "no common algorithm for host key"), strings.Contains(text, "host key"):
		return tributary.Fix(errors.New("the server shows another key than the one in known_hosts_file; nothing was sent to it"),
			"ask the agency's IT whether the server was replaced; only then put the new key in "+s.KnownHosts)
	case strings.Contains(text, "unable to authenticate"):
		return tributary.Fix(fmt.Errorf("user %q was not let in: password or key is wrong", s.User), "renew the password or key that the source refers to")
	case strings.Contains(text, "private key"):
		return tributary.Fix(errors.New("the private key cannot be read: it is none, or its passphrase is wrong"), "see key: and passphrase: in the source of the agency")
	case errors.Is(err, os.ErrPermission):
		return tributary.Fix(err, "ask the agency to let this account read the folder and its files")
	}
	return err
}
