package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// options is what the command line says.
type options struct {
	figures []string
	rounds  int
	quick   bool
	binary  string // the built gateway
	keep    bool
}

func main() {
	if len(os.Args) > 1 {
		if part, ok := parts[os.Args[1]]; ok {
			exit(part(os.Args[2:]))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:])
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	exit(err)
}

func exit(err error) {
	switch {
	case err == nil:
		os.Exit(0)
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func parse(args []string) (options, error) {
	var o options
	only := ""
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.StringVar(&only, "only", "", "figures to measure, with commas between: "+strings.Join(names(), ", "))
	f.IntVar(&o.rounds, "rounds", 5, "rounds; the median of them is judged")
	f.BoolVar(&o.quick, "quick", false, "short rounds: to try a change, not to quote")
	f.StringVar(&o.binary, "gateway", "bin/sightglass", "the built program")
	f.BoolVar(&o.keep, "keep", false, "keep the folder with settings and logs, and say where it is")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 || o.rounds < 1 {
		return o, errors.New("want flags only, and a round at least; -h lists them")
	}
	o.figures = names()
	if only != "" {
		o.figures = strings.Split(only, ",")
	}
	for _, n := range o.figures {
		if !slices.Contains(names(), n) {
			return o, fmt.Errorf("there is no figure %q; there are: %s", n, strings.Join(names(), ", "))
		}
	}
	return o, nil
}
