package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the build (-ldflags -X main.version=…).
var version = ""

func main() { os.Exit(run()) }

func run() int {
	// A second signal kills at once: the first asks streams to finish.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop()
	}()
	noCore()
	cmd := rootCommand()
	understood := false // a command was found, and its flags and arguments are right
	cmd.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	err := cmd.ExecuteContext(ctx)
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(os.Stderr, "sightglass: %v\n", err)
	if !understood {
		fmt.Fprintln(os.Stderr, "See sightglass --help.")
		return 2
	}
	return 1
}

// exitCode ends the program with a code, everything having been said already.
type exitCode int

func (exitCode) Error() string { return "" }

// noCore refuses core dumps: a dump would hold what the process was streaming.
func noCore() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}

func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
