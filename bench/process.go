package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program of the comparison, with its children.
type process struct {
	name  string
	cmd   *exec.Cmd
	done  chan struct{} // closed when it has ended, with ended
	ended error
	log   string
}

// start runs a program until stop; what it says goes to a file.
func start(name, dir string, env []string, program string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }() // the child has its own
	p.cmd = exec.CommandContext(context.Background(), program, args...)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, dir
	p.cmd.Env = append(os.Environ(), append([]string{"HOME=" + dir}, env...)...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is for us, and we stop them
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		defer close(p.done)
		p.ended = p.cmd.Wait()
	}()
	return p, nil
}

// ready waits until something listens on addr.
func (p *process) ready(ctx context.Context, addr string) error {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.done:
			said, _ := os.ReadFile(p.log)
			return fmt.Errorf("%s ended before it listened (%w); it said:\n%s", p.name, p.ended, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("%s does not listen on %s after 20 s; its log is %s", p.name, addr, p.log)
}

// stop ends the program and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// usage is what a program and its children have used of the processor, and hold of memory.
type usage struct {
	cpu time.Duration
	rss int64 // bytes
}

func (p *process) usage() (usage, error) {
	var u usage
	ids, err := family(p.cmd.Process.Pid)
	if err != nil {
		return u, err
	}
	for i, id := range ids {
		cpu, err1 := cpuOf(id)
		rss, err2 := rssOf(id)
		if err := errors.Join(err1, err2); err != nil {
			if i > 0 {
				continue // a child that ended between the list and here
			}
			return u, fmt.Errorf("%s: %w", p.name, err)
		}
		u.cpu += cpu
		u.rss += rss
	}
	return u, nil
}

// family is a process and its children: nginx and HAProxy work in those.
func family(parent int) ([]int, error) {
	ids := []int{parent}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		b, err := os.ReadFile(l)
		if err != nil {
			continue // the thread has ended
		}
		for _, f := range strings.Fields(string(b)) {
			if id, err := strconv.Atoi(f); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// cpuOf adds up the threads' time on a processor, in nanoseconds: /proc/PID/stat counts hundredths of
// a second only.
func cpuOf(id int) (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", id))
	if err != nil || len(threads) == 0 {
		return 0, errors.Join(fmt.Errorf("no schedstat of process %d: has it ended?", id), err)
	}
	var sum time.Duration
	for _, t := range threads {
		b, err := os.ReadFile(t)
		if err != nil {
			continue // ended in between
		}
		ns, _, _ := strings.Cut(string(b), " ")
		n, err := strconv.ParseInt(ns, 10, 64)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n)
	}
	return sum, nil
}

func rssOf(id int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", id))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0, fmt.Errorf("statm of process %d is %q", id, b)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// kernelMemory is what the kernel holds in the queues of all sockets with one of the ports at either
// end: received and not read, sent and not acknowledged. What it has reserved beside that is left out: ss
// prints a debt there as a number near four billion.
func kernelMemory(ctx context.Context, ports ...string) (int64, error) {
	var filter []string
	for _, p := range ports {
		filter = append(filter, "sport = :"+p, "dport = :"+p)
	}
	out, err := exec.CommandContext(ctx, "ss", "-tnmH", strings.Join(filter, " or ")).Output()
	if err != nil {
		return 0, fmt.Errorf("ss (Debian: iproute2): %w", err)
	}
	return skmem(string(out)), nil
}

// skmem adds up the fields r and w of ss's skmem:(r…,rb…,t…,tb…,f…,w…,…).
func skmem(out string) int64 {
	var sum int64
	for out != "" {
		_, rest, found := strings.Cut(out, "skmem:(")
		if !found {
			return sum
		}
		list, after, _ := strings.Cut(rest, ")")
		out = after
		for f := range strings.SplitSeq(list, ",") {
			name := strings.TrimRight(f, "0123456789")
			if name == "r" || name == "w" {
				n, _ := strconv.ParseInt(f[len(name):], 10, 64)
				sum += n
			}
		}
	}
	return sum
}
