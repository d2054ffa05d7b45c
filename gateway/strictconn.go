package gateway

import (
	"net"
)

type strictListener struct{ net.Listener }
type strictConn struct{ net.Conn }

func (l strictListener) Accept() (net.Conn, error) { return l.Listener.Accept() }
