package connectortest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
)

// poison are variables that libraries of connectors would read if they were let.
var poison = []string{
	"RCLONE_SFTP_HOST=poison.invalid", "RCLONE_SFTP_USER=poison", "RCLONE_SFTP_PORT=1", "RCLONE_SFTP_KNOWN_HOSTS_FILE=none",
	"RCLONE_CONFIG_SOURCE_HOST=poison.invalid", "RCLONE_CONFIG_SOURCE_TYPE=poison", "RCLONE_S3_ENDPOINT=poison.invalid", "RCLONE_S3_ENV_AUTH=true",
	"RCLONE_WEBDAV_URL=http://poison.invalid", "RCLONE_ONEDRIVE_TENANT_URL=http://poison.invalid", "RCLONE_CONFIG=/poison/rclone.conf",
	"RCLONE_LOG_LEVEL=DEBUG", "RCLONE_LOW_LEVEL_RETRIES=1", "RCLONE_TIMEOUT=1ns", "RCLONE_BIND=192.0.2.1", "RCLONE_DUMP=auth",
	"AWS_ACCESS_KEY_ID=poison", "AWS_SECRET_ACCESS_KEY=poison", "AWS_ENDPOINT_URL=http://poison.invalid", "AWS_REGION=poison",
	"PGHOST=poison.invalid", "PGUSER=poison", "PGPASSWORD=poison", "PGDATABASE=poison", "PGPORT=1", "PGSSLMODE=poison", "PGOPTIONS=-c default_transaction_read_only=off",
	"PGAPPNAME=poison", "PGSERVICE=poison", "PGSERVICEFILE=/poison/services", "PGPASSFILE=/poison/passwords", "PGSSLROOTCERT=/poison/root", "PGSSLCERT=/poison/cert",
	"PGSSLKEY=/poison/key", "PGSSLPASSWORD=poison", "PGSSLCERTMODE=require", "PGSSLSNI=0", "PGSSLNEGOTIATION=direct", "PGCONNECT_TIMEOUT=1", "PGTARGETSESSIONATTRS=standby",
	"PGTZ=Asia/Tokyo", "PGMINPROTOCOLVERSION=3.2", "PGMAXPROTOCOLVERSION=3.2", "PGCHANNELBINDING=require", "PGREQUIREAUTH=none",
	"SSH_AUTH_SOCK=/poison/agent", "NO_PROXY=poison.invalid", "no_proxy=poison.invalid",
}

const poisoned = "TRIBUTARY_TEST_POISONED"

// Main runs a package's tests in a process whose environment was poisoned before it began, so that
// libraries that read it while they start meet the poison too. The proxy that it names is there, and whoever
// asks it fails. It is called by TestMain.
func Main(m *testing.M) int {
	if os.Getenv(poisoned) != "" {
		return m.Run()
	}
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer proxy.Close()
	var asked atomic.Int64
	go func() {
		for {
			c, err := proxy.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			c.Close()
		}
	}()
	c := exec.Command(os.Args[0], os.Args[1:]...)
	c.Env = append(append(os.Environ(), poison...), poisoned+"=1")
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		c.Env = append(c.Env, name+"=http://"+proxy.Addr().String())
	}
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = c.Run()
	if n := asked.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "the proxy that the environment names was asked %d times\n", n)
		return 1
	}
	if err != nil {
		return 1
	}
	return 0
}
