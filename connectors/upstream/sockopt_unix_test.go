//go:build unix

package upstream_test

import (
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"syscall"
	"testing"
)

// TestWhatTheKernelTakesInOfMediaIsBounded reads the option back from the connection that is used.
func TestWhatTheKernelTakesInOfMediaIsBounded(t *testing.T) {
	want := 128 << 10
	if runtime.GOOS == "linux" {
		want *= 2 // it doubles what is asked for, for its own bookkeeping (socket(7))
	}
	f := link(t, say("bytes"))
	for name, c := range map[string]*http.Client{"media": f.Media(), "api": f.API()} {
		got := 0
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { got = receiveBuffer(t, i.Conn) }})
		resp, err := ask(ctx, t, c, "https://shop.acme.test/x")
		wantText(t, resp, err, "bytes")
		if (got == want) != (name == "media") {
			t.Errorf("%s: the receive buffer is %d, want %d for media only: pages are read at once", name, got, want)
		}
	}
}

func receiveBuffer(t *testing.T, c net.Conn) (n int) {
	t.Helper()
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if e := raw.Control(func(fd uintptr) { n, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF) }); e != nil || err != nil {
		t.Fatal(e, err)
	}
	return n
}
