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

// glyphs are 3 by 5 pixels: one octal digit a row.
var glyphs = map[rune]string{
	'A': "25755", 'B': "65656", 'C': "34443", 'D': "65556", 'E': "74647", 'F': "74644", 'G': "34553", 'H': "55755", 'I': "72227",
	'J': "11152", 'K': "55655", 'L': "44447", 'M': "57755", 'N': "65555", 'O': "25552", 'P': "65644", 'Q': "25563", 'R': "65655",
	'S': "34216", 'T': "72222", 'U': "55557", 'V': "55552", 'W': "55775", 'X': "55255", 'Y': "55222", 'Z': "71247", '0': "75557",
	'1': "26227", '2': "61247", '3': "61216", '4': "55711", '5': "74616", '6': "34757", '7': "71222", '8': "75757", '9': "75716",
	'-': "00700", '.': "00002", ':': "02020", '/': "11244", '%': "51245", '+': "02720", '!': "22202", '#': "57575",
}

func (c canvas) text(x, y, scale int, s string, paint uint8) {
	for _, r := range s {
		for row, bits := range glyphs[r] {
			for col := range 3 {
				if (bits-'0')>>(2-col)&1 == 1 {
					c.box(x+col*scale, y+row*scale, scale, scale, paint)
				}
			}
		}
		x += 4 * scale
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
