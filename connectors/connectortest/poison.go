package connectortest

import (
	"os"
	"os/exec"
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
	"PGAPPNAME=poison", "SSH_AUTH_SOCK=/poison/agent", "HTTP_PROXY=http://poison.invalid:1", "HTTPS_PROXY=http://poison.invalid:1",
}

const poisoned = "TRIBUTARY_TEST_POISONED"

// Main runs a package's tests in a process whose environment was poisoned before it began, so that
// libraries that read it while they start meet the poison too. It is called by TestMain.
func Main(m *testing.M) int {
	if os.Getenv(poisoned) != "" {
		return m.Run()
	}
	c := exec.Command(os.Args[0], os.Args[1:]...)
	c.Env = append(append(os.Environ(), poison...), poisoned+"=1")
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return 1
	}
	return 0
}
