package sim

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
)

// toneWAV is a recording without words: two voices as two tones in turns, in 8 bits.
var toneWAV = sync.OnceValue(func() file { return tones(1, 1, 55) })

// stereoWAV has the lower voice on the left and the higher one on the right, in 16 bits.
var stereoWAV = sync.OnceValue(func() file { return tones(2, 2, 24) })

const toneRate = 8000

// tones writes a WAV file (PCM); each voice speaks for four seconds at a time.
func tones(channels, width, seconds int) file {
	n := toneRate * seconds
	size := n * channels * width
	b := bytes.NewBuffer(make([]byte, 0, 44+size))
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(b, binary.LittleEndian, v) // a Buffer never fails
		}
	}
	put([]byte("RIFF"), uint32(36+size), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(channels), uint32(toneRate),
		uint32(toneRate*channels*width), uint16(channels*width), uint16(8*width), []byte("data"), uint32(size))
	for i := range n {
		at := float64(i) / toneRate
		speaker := int(at/4) % 2
		loud := 0.3 * math.Max(0, math.Sin(at*math.Pi*1.5)) // syllables, more or less
		level := loud * math.Sin(2*math.Pi*[]float64{220, 330}[speaker]*at)
		for c := range channels {
			v := level
			if channels == 2 && c != speaker {
				v = 0
			}
			if width == 1 {
				b.WriteByte(byte(128 + 127*v))
			} else {
				put(int16(32767 * v))
			}
		}
	}
	return fileOf("recording.wav", "audio/x-wav", b.Bytes())
}
