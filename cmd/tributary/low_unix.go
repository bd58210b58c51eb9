//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// lowPriority is the niceness of what a person does not wait for.
const lowPriority = 15

// startLow starts a command that leaves the machine to others. It has a process group of its own: on Linux a group's
// priority is that of each of its threads, a process's only that of its first.
func startLow(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		return err
	}
	_ = syscall.Setpriority(syscall.PRIO_PGRP, c.Process.Pid, lowPriority) // where it may not, it runs as others do
	return nil
}
