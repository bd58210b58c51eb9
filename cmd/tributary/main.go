// Command tributary turns the quarterly exports of many agencies into one workbook whose every number
// can say why.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() { os.Exit(start()) }

// start is main with an exit code, so that scripts under test run the very same program.
func start() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, now: time.Now}
	return p.run(ctx, os.Args[1:])
}
