//go:build unix

package upstream

import (
	"errors"
	"syscall"
)

// setReceiveBuffer is called before connect, so that the window that is offered fits it.
func setReceiveBuffer(rc syscall.RawConn, bytes int) error {
	var set error
	err := rc.Control(func(fd uintptr) {
		set = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, bytes)
	})
	return errors.Join(err, set)
}
