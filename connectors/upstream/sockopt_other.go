//go:build !unix

package upstream

import "syscall"

// setReceiveBuffer leaves the system's default where the option has another form.
func setReceiveBuffer(syscall.RawConn, int) error { return nil }
