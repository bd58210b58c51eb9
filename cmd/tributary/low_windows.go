package main

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// startLow starts a command that leaves the machine to others.
func startLow(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.BELOW_NORMAL_PRIORITY_CLASS}
	return c.Start()
}
