package calls

import (
	"errors"
	"fmt"
	"io"
)

// MP3 is what the headers of a file's frames say.
type MP3 struct {
	Frames   int
	Rate     int // samples a second
	Channels int
	Kbit     int // of every frame; 0: they differ
	Samples  int // in all frames together
}

// Seconds is how long a player shows the file to be.
func (m MP3) Seconds() float64 { return float64(m.Samples) / float64(m.Rate) }

var errNotMP3 = errors.New("not a frame of MPEG audio, layer III")

// Kilobits a second by the header's index (ISO/IEC 11172-3 and 13818-3, layer III).
var (
	kbitMPEG1 = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
	kbitMPEG2 = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	rateMPEG1 = [4]int{44100, 48000, 32000}
)

type frame struct{ size, samples, rate, channels, kbit int }

// Walk goes through a file that is nothing but frames.
func Walk(b []byte) (MP3, error) {
	var m MP3
	for at := 0; at < len(b); {
		f, err := header(b[at:])
		if err != nil {
			return m, fmt.Errorf("byte %d, frame %d: %w", at, m.Frames, err)
		}
		switch {
		case at+f.size > len(b):
			return m, fmt.Errorf("byte %d, frame %d: %w", at, m.Frames, io.ErrUnexpectedEOF)
		case m.Frames == 0:
			m.Rate, m.Channels, m.Kbit = f.rate, f.channels, f.kbit
		case f.rate != m.Rate || f.channels != m.Channels:
			return m, fmt.Errorf("byte %d: %d Hz, %d channels after %d Hz, %d", at, f.rate, f.channels, m.Rate, m.Channels)
		case f.kbit != m.Kbit:
			m.Kbit = 0
		}
		m.Frames++
		m.Samples += f.samples
		at += f.size
	}
	if m.Frames == 0 {
		return m, errNotMP3
	}
	return m, nil
}

// header reads the four bytes before a frame.
func header(b []byte) (frame, error) {
	if len(b) < 4 || b[0] != 0xff || b[1]&0xe0 != 0xe0 {
		return frame{}, errNotMP3
	}
	version, layer := b[1]>>3&3, b[1]>>1&3 // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5; layer 1: III
	kbit, rate := int(b[2]>>4), rateMPEG1[b[2]>>2&3]
	if version == 1 || layer != 1 || rate == 0 {
		return frame{}, errNotMP3
	}
	f := frame{samples: 1152, rate: rate, channels: 2, kbit: kbitMPEG1[kbit]}
	if version != 3 {
		f.samples, f.rate, f.kbit = 576, rate/2, kbitMPEG2[kbit]
	}
	if version == 0 {
		f.rate /= 2
	}
	if b[3]>>6 == 3 {
		f.channels = 1
	}
	if f.kbit == 0 {
		return frame{}, errNotMP3
	}
	f.size = f.samples/8*f.kbit*1000/f.rate + int(b[2]>>1&1)
	return f, nil
}

// Loop is a long recording: the frames of a short one over and over. It exists nowhere as a whole.
type Loop struct {
	once  []byte
	size  int64
	every float64
	total float64
}

// Repeat makes a recording of about seconds out of an MP3 whose frames are all of one size.
func Repeat(mp3 []byte, seconds float64) (*Loop, error) {
	m, err := Walk(mp3)
	if err != nil {
		return nil, err
	}
	if m.Kbit == 0 || len(mp3)%m.Frames != 0 {
		return nil, errors.New("the frames differ in size")
	}
	each := len(mp3) / m.Frames
	frames := int64(seconds*float64(m.Frames)/m.Seconds() + 0.5)
	return &Loop{
		once: mp3, size: frames * int64(each), every: m.Seconds(),
		total: float64(frames) * m.Seconds() / float64(m.Frames),
	}, nil
}

// Size in bytes.
func (l *Loop) Size() int64 { return l.size }

// Seconds is how long it plays.
func (l *Loop) Seconds() float64 { return l.total }

// Every is the time after which it begins again: what is heard at t is heard at t + Every as well.
func (l *Loop) Every() float64 { return l.every }

// ReadAt makes the bytes that b covers.
func (l *Loop) ReadAt(b []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("calls: negative offset")
	}
	for n < len(b) && off < l.size {
		c := copy(b[n:], l.once[off%int64(len(l.once)):])
		c = int(min(int64(c), l.size-off))
		n, off = n+c, off+int64(c)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}
