package sim

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"sync"
)

// canvas draws the few pictures that customers send. Its palette keeps the files small.
type canvas struct{ *image.Paletted }

const (
	white = iota
	ink
	card
	shade
	blue
	red
	green
	amber
	sky
	wood
	grey
	pale
)

var palette = color.Palette{
	white: color.RGBA{255, 255, 255, 255}, ink: color.RGBA{28, 32, 36, 255}, card: color.RGBA{196, 154, 108, 255},
	shade: color.RGBA{160, 120, 80, 255}, blue: color.RGBA{32, 84, 147, 255}, red: color.RGBA{184, 50, 44, 255},
	green: color.RGBA{58, 128, 78, 255}, amber: color.RGBA{222, 160, 40, 255}, sky: color.RGBA{182, 212, 232, 255},
	wood: color.RGBA{134, 94, 60, 255}, grey: color.RGBA{128, 134, 140, 255}, pale: color.RGBA{236, 232, 224, 255},
}

func newCanvas(w, h int, background uint8) canvas {
	c := canvas{image.NewPaletted(image.Rect(0, 0, w, h), palette)}
	c.box(0, 0, w, h, background)
	return c
}

func (c canvas) box(x, y, w, h int, paint uint8) {
	for j := max(0, y); j < min(y+h, c.Rect.Dy()); j++ {
		for i := max(0, x); i < min(x+w, c.Rect.Dx()); i++ {
			c.Pix[j*c.Stride+i] = paint
		}
	}
}

func (c canvas) frame(x, y, w, h, thick int, paint uint8) {
	c.box(x, y, w, thick, paint)
	c.box(x, y+h-thick, w, thick, paint)
	c.box(x, y, thick, h, paint)
	c.box(x+w-thick, y, thick, h, paint)
}

func (c canvas) disc(x, y, r int, paint uint8) {
	for j := -r; j <= r; j++ {
		for i := -r; i <= r; i++ {
			if i*i+j*j <= r*r {
				c.box(x+i, y+j, 1, 1, paint)
			}
		}
	}
}

// line draws from one point to another, thick pixels wide.
func (c canvas) line(x0, y0, x1, y1, thick int, paint uint8) {
	n := max(abs(x1-x0), abs(y1-y0), 1)
	for i := range n + 1 {
		c.box(x0+(x1-x0)*i/n, y0+(y1-y0)*i/n, thick, thick, paint)
	}
}

// glyphs are 5 by 7 pixels: a byte a column, the lowest bit on top.
var glyphs = map[rune][5]uint8{
	'0': {0x3e, 0x51, 0x49, 0x45, 0x3e}, '1': {0x00, 0x42, 0x7f, 0x40, 0x00}, '2': {0x42, 0x61, 0x51, 0x49, 0x46}, '3': {0x21, 0x41, 0x45, 0x4b, 0x31},
	'4': {0x18, 0x14, 0x12, 0x7f, 0x10}, '5': {0x27, 0x45, 0x45, 0x45, 0x39}, '6': {0x3c, 0x4a, 0x49, 0x49, 0x30}, '7': {0x01, 0x71, 0x09, 0x05, 0x03},
	'8': {0x36, 0x49, 0x49, 0x49, 0x36}, '9': {0x06, 0x49, 0x49, 0x29, 0x1e}, 'A': {0x7e, 0x11, 0x11, 0x11, 0x7e}, 'B': {0x7f, 0x49, 0x49, 0x49, 0x36},
	'C': {0x3e, 0x41, 0x41, 0x41, 0x22}, 'D': {0x7f, 0x41, 0x41, 0x22, 0x1c}, 'E': {0x7f, 0x49, 0x49, 0x49, 0x41}, 'F': {0x7f, 0x09, 0x09, 0x09, 0x01},
	'G': {0x3e, 0x41, 0x49, 0x49, 0x7a}, 'H': {0x7f, 0x08, 0x08, 0x08, 0x7f}, 'I': {0x00, 0x41, 0x7f, 0x41, 0x00}, 'J': {0x20, 0x40, 0x41, 0x3f, 0x01},
	'K': {0x7f, 0x08, 0x14, 0x22, 0x41}, 'L': {0x7f, 0x40, 0x40, 0x40, 0x40}, 'M': {0x7f, 0x02, 0x0c, 0x02, 0x7f}, 'N': {0x7f, 0x04, 0x08, 0x10, 0x7f},
	'O': {0x3e, 0x41, 0x41, 0x41, 0x3e}, 'P': {0x7f, 0x09, 0x09, 0x09, 0x06}, 'Q': {0x3e, 0x41, 0x51, 0x21, 0x5e}, 'R': {0x7f, 0x09, 0x19, 0x29, 0x46},
	'S': {0x46, 0x49, 0x49, 0x49, 0x31}, 'T': {0x01, 0x01, 0x7f, 0x01, 0x01}, 'U': {0x3f, 0x40, 0x40, 0x40, 0x3f}, 'V': {0x1f, 0x20, 0x40, 0x20, 0x1f},
	'W': {0x3f, 0x40, 0x38, 0x40, 0x3f}, 'X': {0x63, 0x14, 0x08, 0x14, 0x63}, 'Y': {0x07, 0x08, 0x70, 0x08, 0x07}, 'Z': {0x61, 0x51, 0x49, 0x45, 0x43},
	'-': {0x08, 0x08, 0x08, 0x08, 0x08}, '.': {0x00, 0x60, 0x60, 0x00, 0x00}, ':': {0x00, 0x36, 0x36, 0x00, 0x00},
}

func (c canvas) text(x, y, scale int, s string, paint uint8) {
	for _, r := range s {
		for col, bits := range glyphs[r] {
			for row := range 7 {
				if bits>>row&1 == 1 {
					c.box(x+col*scale, y+row*scale, scale, scale, paint)
				}
			}
		}
		x += 6 * scale
	}
}

func (c canvas) encode() []byte {
	var b bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	_ = enc.Encode(&b, c) // a buffer takes everything
	return b.Bytes()
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

var (
	artMu sync.Mutex
	art   = map[string]file{}
)

// picture draws a PNG once in the life of the process.
func picture(name string, w, h int, background uint8, draw func(canvas)) file {
	artMu.Lock()
	defer artMu.Unlock()
	if f, ok := art[name]; ok {
		return f
	}
	c := newCanvas(w, h, background)
	draw(c)
	f := fileOf(name, "image/png", c.encode())
	f.w, f.h = w, h
	art[name] = f
	return f
}
